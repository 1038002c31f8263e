export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "call_attempts": {
        Row: {
          "call_cost": number | null;
          "call_id": string | null;
          "callback_status": string | null;
          "callback_text": string | null;
          "callback_tried_at": string | null;
          "duration_seconds": number | null;
          "ended_at": string | null;
          "erased_at": string | null;
          "error": string | null;
          "follow_up_id": string;
          "http_status": number | null;
          "id": string;
          "lead_id": string;
          "lease_token": string;
          "looked_up_at": string | null;
          "lookup_note": string | null;
          "lookups": number;
          "next_lookup_at": string | null;
          "opened_at": string;
          "outcome": string | null;
          "recording_url": string | null;
          "refused_alone": boolean;
          "refused_parts": (string)[];
          "reported_by": string | null;
          "request_id": string | null;
          "response": Json | null;
          "run_id": string | null;
          "sending_until": string;
          "status": string;
          "summary": string | null;
          "to_number": string | null;
        };
        ComputedFields: never;
        Insert: {
          "call_cost"?: number | null;
          "call_id"?: string | null;
          "callback_status"?: string | null;
          "callback_text"?: string | null;
          "callback_tried_at"?: string | null;
          "duration_seconds"?: number | null;
          "ended_at"?: string | null;
          "erased_at"?: string | null;
          "error"?: string | null;
          "follow_up_id": string;
          "http_status"?: number | null;
          "id"?: string;
          "lead_id": string;
          "lease_token": string;
          "looked_up_at"?: string | null;
          "lookup_note"?: string | null;
          "lookups"?: number;
          "next_lookup_at"?: string | null;
          "opened_at"?: string;
          "outcome"?: string | null;
          "recording_url"?: string | null;
          "refused_alone"?: boolean;
          "refused_parts"?: (string)[];
          "reported_by"?: string | null;
          "request_id"?: string | null;
          "response"?: Json | null;
          "run_id"?: string | null;
          "sending_until": string;
          "status"?: string;
          "summary"?: string | null;
          "to_number"?: string | null;
        };
        Update: {
          "call_cost"?: number | null;
          "call_id"?: string | null;
          "callback_status"?: string | null;
          "callback_text"?: string | null;
          "callback_tried_at"?: string | null;
          "duration_seconds"?: number | null;
          "ended_at"?: string | null;
          "erased_at"?: string | null;
          "error"?: string | null;
          "follow_up_id"?: string;
          "http_status"?: number | null;
          "id"?: string;
          "lead_id"?: string;
          "lease_token"?: string;
          "looked_up_at"?: string | null;
          "lookup_note"?: string | null;
          "lookups"?: number;
          "next_lookup_at"?: string | null;
          "opened_at"?: string;
          "outcome"?: string | null;
          "recording_url"?: string | null;
          "refused_alone"?: boolean;
          "refused_parts"?: (string)[];
          "reported_by"?: string | null;
          "request_id"?: string | null;
          "response"?: Json | null;
          "run_id"?: string | null;
          "sending_until"?: string;
          "status"?: string;
          "summary"?: string | null;
          "to_number"?: string | null;
        };
        Relationships: [];
      };
      "call_events": {
        Row: {
          "attempt_id": string | null;
          "call_id": string | null;
          "content_hash": string;
          "direction": string | null;
          "duration_seconds": number | null;
          "extracted_variables": Json | null;
          "id": string;
          "outcome": string | null;
          "reason": string | null;
          "received_at": string;
          "recording_url": string | null;
          "reported_status": string | null;
          "request_id": string | null;
          "settled_attempt_id": string | null;
          "source": string;
          "status": string;
          "summary": string | null;
          "to_number": string | null;
          "is_of_erased_person": boolean | null;
        };
        ComputedFields: "is_of_erased_person";
        Insert: {
          "attempt_id"?: string | null;
          "call_id"?: string | null;
          "content_hash": string;
          "direction"?: string | null;
          "duration_seconds"?: number | null;
          "extracted_variables"?: Json | null;
          "id"?: string;
          "outcome"?: string | null;
          "reason"?: string | null;
          "received_at"?: string;
          "recording_url"?: string | null;
          "reported_status"?: string | null;
          "request_id"?: string | null;
          "settled_attempt_id"?: string | null;
          "source": string;
          "status"?: string;
          "summary"?: string | null;
          "to_number"?: string | null;
        };
        Update: {
          "attempt_id"?: string | null;
          "call_id"?: string | null;
          "content_hash"?: string;
          "direction"?: string | null;
          "duration_seconds"?: number | null;
          "extracted_variables"?: Json | null;
          "id"?: string;
          "outcome"?: string | null;
          "reason"?: string | null;
          "received_at"?: string;
          "recording_url"?: string | null;
          "reported_status"?: string | null;
          "request_id"?: string | null;
          "settled_attempt_id"?: string | null;
          "source"?: string;
          "status"?: string;
          "summary"?: string | null;
          "to_number"?: string | null;
        };
        Relationships: [];
      };
      "call_pauses": {
        Row: {
          "id": number;
          "lead_id": string | null;
          "paused_at": string;
          "reason": string | null;
          "source": string | null;
          "until": string | null;
        };
        ComputedFields: never;
        Insert: {
          "id"?: never;
          "lead_id"?: string | null;
          "paused_at"?: string;
          "reason"?: string | null;
          "source"?: string | null;
          "until"?: string | null;
        };
        Update: {
          "id"?: never;
          "lead_id"?: string | null;
          "paused_at"?: string;
          "reason"?: string | null;
          "source"?: string | null;
          "until"?: string | null;
        };
        Relationships: [];
      };
      "call_totals": {
        Row: {
          "calls": number;
          "calls_without_cost": number;
          "cost": number;
          "hour": string;
          "id": number;
        };
        ComputedFields: never;
        Insert: {
          "calls": number;
          "calls_without_cost": number;
          "cost": number;
          "hour": string;
          "id"?: never;
        };
        Update: {
          "calls"?: number;
          "calls_without_cost"?: number;
          "cost"?: number;
          "hour"?: string;
          "id"?: never;
        };
        Relationships: [];
      };
      "calling_holidays": {
        Row: {
          "day": string;
          "name": string | null;
          "pack": string | null;
          "region": string;
          "source": string | null;
        };
        ComputedFields: never;
        Insert: {
          "day": string;
          "name"?: string | null;
          "pack"?: string | null;
          "region"?: string;
          "source"?: string | null;
        };
        Update: {
          "day"?: string;
          "name"?: string | null;
          "pack"?: string | null;
          "region"?: string;
          "source"?: string | null;
        };
        Relationships: [];
      };
      "calling_hours": {
        Row: {
          "closes": string;
          "id": number;
          "opens": string;
          "pack": string | null;
          "region": string;
          "source": string | null;
          "valid_from": string | null;
          "valid_until": string | null;
          "weekdays": (number)[];
        };
        ComputedFields: never;
        Insert: {
          "closes": string;
          "id"?: never;
          "opens": string;
          "pack"?: string | null;
          "region"?: string;
          "source"?: string | null;
          "valid_from"?: string | null;
          "valid_until"?: string | null;
          "weekdays"?: (number)[];
        };
        Update: {
          "closes"?: string;
          "id"?: never;
          "opens"?: string;
          "pack"?: string | null;
          "region"?: string;
          "source"?: string | null;
          "valid_from"?: string | null;
          "valid_until"?: string | null;
          "weekdays"?: (number)[];
        };
        Relationships: [];
      };
      "calling_openings": {
        Row: {
          "closed_from": string;
          "hours_key": string;
          "opens_at": string;
          "zones": (string)[];
        };
        ComputedFields: never;
        Insert: {
          "closed_from": string;
          "hours_key": string;
          "opens_at": string;
          "zones": (string)[];
        };
        Update: {
          "closed_from"?: string;
          "hours_key"?: string;
          "opens_at"?: string;
          "zones"?: (string)[];
        };
        Relationships: [];
      };
      "dispatch_heartbeat": {
        Row: {
          "id": boolean;
          "installed_at": string;
          "last_tick_at": string | null;
          "last_tick_did": string | null;
          "last_watched_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "id"?: boolean;
          "installed_at"?: string;
          "last_tick_at"?: string | null;
          "last_tick_did"?: string | null;
          "last_watched_at"?: string | null;
        };
        Update: {
          "id"?: boolean;
          "installed_at"?: string;
          "last_tick_at"?: string | null;
          "last_tick_did"?: string | null;
          "last_watched_at"?: string | null;
        };
        Relationships: [];
      };
      "dispatch_incidents": {
        Row: {
          "began_at": string;
          "confirmed_at": string | null;
          "detail": string;
          "end_said_at": string | null;
          "ended_at": string | null;
          "found_at": string;
          "id": number;
          "kind": string;
          "request_id": number | null;
          "said_at": string | null;
          "tries": number;
          "well_since": string | null;
          "alarm_text": string | null;
        };
        ComputedFields: "alarm_text";
        Insert: {
          "began_at": string;
          "confirmed_at"?: string | null;
          "detail": string;
          "end_said_at"?: string | null;
          "ended_at"?: string | null;
          "found_at"?: string;
          "id"?: never;
          "kind": string;
          "request_id"?: number | null;
          "said_at"?: string | null;
          "tries"?: number;
          "well_since"?: string | null;
        };
        Update: {
          "began_at"?: string;
          "confirmed_at"?: string | null;
          "detail"?: string;
          "end_said_at"?: string | null;
          "ended_at"?: string | null;
          "found_at"?: string;
          "id"?: never;
          "kind"?: string;
          "request_id"?: number | null;
          "said_at"?: string | null;
          "tries"?: number;
          "well_since"?: string | null;
        };
        Relationships: [];
      };
      "dispatch_requests": {
        Row: {
          "id": number;
          "requested_at": string;
          "source": string;
        };
        ComputedFields: never;
        Insert: {
          "id"?: never;
          "requested_at"?: string;
          "source": string;
        };
        Update: {
          "id"?: never;
          "requested_at"?: string;
          "source"?: string;
        };
        Relationships: [];
      };
      "dispatch_runs": {
        Row: {
          "accepted": number;
          "begun_at": string | null;
          "claimed": number;
          "error": string | null;
          "failed": number;
          "finished_at": string | null;
          "id": string;
          "net_request_id": number | null;
          "not_sent": number;
          "postponed": number;
          "put_off": number;
          "refused": number;
          "rescued": number;
          "seeded": number;
          "skipped": number;
          "source": string;
          "started_at": string;
          "stop_reason": string | null;
          "unknown": number;
        };
        ComputedFields: never;
        Insert: {
          "accepted"?: number;
          "begun_at"?: string | null;
          "claimed"?: number;
          "error"?: string | null;
          "failed"?: number;
          "finished_at"?: string | null;
          "id"?: string;
          "net_request_id"?: number | null;
          "not_sent"?: number;
          "postponed"?: number;
          "put_off"?: number;
          "refused"?: number;
          "rescued"?: number;
          "seeded"?: number;
          "skipped"?: number;
          "source": string;
          "started_at"?: string;
          "stop_reason"?: string | null;
          "unknown"?: number;
        };
        Update: {
          "accepted"?: number;
          "begun_at"?: string | null;
          "claimed"?: number;
          "error"?: string | null;
          "failed"?: number;
          "finished_at"?: string | null;
          "id"?: string;
          "net_request_id"?: number | null;
          "not_sent"?: number;
          "postponed"?: number;
          "put_off"?: number;
          "refused"?: number;
          "rescued"?: number;
          "seeded"?: number;
          "skipped"?: number;
          "source"?: string;
          "started_at"?: string;
          "stop_reason"?: string | null;
          "unknown"?: number;
        };
        Relationships: [];
      };
      "dispatch_settings": {
        Row: {
          "callback_variables": (string)[];
          "default_country": string | null;
          "default_time_zone": string;
          "do_not_call_variables": (string)[];
          "due_per_run": number;
          "expected_call_cost": number | null;
          "expire_after": string | null;
          "history_kept": string;
          "hours_jitter": string;
          "id": boolean;
          "lines_left_free": number;
          "longest_call": string;
          "longest_callback_wait": string;
          "max_attempts": number;
          "max_callbacks_per_lead": number;
          "max_calls_per_day": number | null;
          "max_calls_per_month": number | null;
          "max_calls_per_number": number | null;
          "max_calls_per_number_per_24_hours": number | null;
          "max_calls_per_number_per_day": number | null;
          "max_calls_per_run": number | null;
          "max_calls_per_series": number;
          "max_concurrent_calls": number | null;
          "max_runs_at_once": number;
          "max_spend_per_day": number | null;
          "max_spend_per_month": number | null;
          "number_busy_delay": string;
          "paused": boolean;
          "recall_from": string;
          "recall_until": string;
          "redial_not_placed": boolean;
          "retry_first_delay": string;
          "retry_longest_delay": string;
          "settle_after": string;
          "settle_for": string;
          "shadow": boolean;
          "shadow_since": string | null;
          "smallest_gap_per_number": string;
          "start_at_once": boolean;
          "tick_late_after": string;
        };
        ComputedFields: never;
        Insert: {
          "callback_variables"?: (string)[];
          "default_country"?: string | null;
          "default_time_zone"?: string;
          "do_not_call_variables"?: (string)[];
          "due_per_run"?: number;
          "expected_call_cost"?: number | null;
          "expire_after"?: string | null;
          "history_kept"?: string;
          "hours_jitter"?: string;
          "id"?: boolean;
          "lines_left_free"?: number;
          "longest_call"?: string;
          "longest_callback_wait"?: string;
          "max_attempts"?: number;
          "max_callbacks_per_lead"?: number;
          "max_calls_per_day"?: number | null;
          "max_calls_per_month"?: number | null;
          "max_calls_per_number"?: number | null;
          "max_calls_per_number_per_24_hours"?: number | null;
          "max_calls_per_number_per_day"?: number | null;
          "max_calls_per_run"?: number | null;
          "max_calls_per_series"?: number;
          "max_concurrent_calls"?: number | null;
          "max_runs_at_once"?: number;
          "max_spend_per_day"?: number | null;
          "max_spend_per_month"?: number | null;
          "number_busy_delay"?: string;
          "paused"?: boolean;
          "recall_from"?: string;
          "recall_until"?: string;
          "redial_not_placed"?: boolean;
          "retry_first_delay"?: string;
          "retry_longest_delay"?: string;
          "settle_after"?: string;
          "settle_for"?: string;
          "shadow"?: boolean;
          "shadow_since"?: string | null;
          "smallest_gap_per_number"?: string;
          "start_at_once"?: boolean;
          "tick_late_after"?: string;
        };
        Update: {
          "callback_variables"?: (string)[];
          "default_country"?: string | null;
          "default_time_zone"?: string;
          "do_not_call_variables"?: (string)[];
          "due_per_run"?: number;
          "expected_call_cost"?: number | null;
          "expire_after"?: string | null;
          "history_kept"?: string;
          "hours_jitter"?: string;
          "id"?: boolean;
          "lines_left_free"?: number;
          "longest_call"?: string;
          "longest_callback_wait"?: string;
          "max_attempts"?: number;
          "max_callbacks_per_lead"?: number;
          "max_calls_per_day"?: number | null;
          "max_calls_per_month"?: number | null;
          "max_calls_per_number"?: number | null;
          "max_calls_per_number_per_24_hours"?: number | null;
          "max_calls_per_number_per_day"?: number | null;
          "max_calls_per_run"?: number | null;
          "max_calls_per_series"?: number;
          "max_concurrent_calls"?: number | null;
          "max_runs_at_once"?: number;
          "max_spend_per_day"?: number | null;
          "max_spend_per_month"?: number | null;
          "number_busy_delay"?: string;
          "paused"?: boolean;
          "recall_from"?: string;
          "recall_until"?: string;
          "redial_not_placed"?: boolean;
          "retry_first_delay"?: string;
          "retry_longest_delay"?: string;
          "settle_after"?: string;
          "settle_for"?: string;
          "shadow"?: boolean;
          "shadow_since"?: string | null;
          "smallest_gap_per_number"?: string;
          "start_at_once"?: boolean;
          "tick_late_after"?: string;
        };
        Relationships: [];
      };
      "do_not_call": {
        Row: {
          "added_at": string;
          "added_by": string;
          "id": number;
          "number": string | null;
          "number_hash": string | null;
          "reason": string | null;
        };
        ComputedFields: never;
        Insert: {
          "added_at"?: string;
          "added_by"?: string;
          "id"?: never;
          "number"?: string | null;
          "number_hash"?: string | null;
          "reason"?: string | null;
        };
        Update: {
          "added_at"?: string;
          "added_by"?: string;
          "id"?: never;
          "number"?: string | null;
          "number_hash"?: string | null;
          "reason"?: string | null;
        };
        Relationships: [];
      };
      "follow_ups": {
        Row: {
          "attempts": number;
          "channel": string;
          "completed_at": string | null;
          "created_at": string;
          "due_at": string;
          "first_due_at": string | null;
          "id": string;
          "is_callback": boolean;
          "lead_id": string;
          "lease_token": string | null;
          "leased_until": string | null;
          "message": string | null;
          "reason": string | null;
          "recall_of": string | null;
          "source": string;
          "status": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "channel"?: string;
          "completed_at"?: string | null;
          "created_at"?: string;
          "due_at"?: string;
          "first_due_at"?: string | null;
          "id"?: string;
          "is_callback"?: boolean;
          "lead_id": string;
          "lease_token"?: string | null;
          "leased_until"?: string | null;
          "message"?: string | null;
          "reason"?: string | null;
          "recall_of"?: string | null;
          "source"?: string;
          "status"?: string;
          "updated_at"?: string;
        };
        Update: {
          "attempts"?: number;
          "channel"?: string;
          "completed_at"?: string | null;
          "created_at"?: string;
          "due_at"?: string;
          "first_due_at"?: string | null;
          "id"?: string;
          "is_callback"?: boolean;
          "lead_id"?: string;
          "lease_token"?: string | null;
          "leased_until"?: string | null;
          "message"?: string | null;
          "reason"?: string | null;
          "recall_of"?: string | null;
          "source"?: string;
          "status"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "follow_ups_lead_id_fkey";
            columns: ["lead_id"];
            isOneToOne: false;
            referencedRelation: "leads";
            referencedColumns: ["id"];
          },
        ];
      };
      "given_up_follow_ups": {
        Row: {
          "follow_up_id": string;
          "given_up_at": string;
          "id": number;
        };
        ComputedFields: never;
        Insert: {
          "follow_up_id": string;
          "given_up_at"?: string;
          "id"?: never;
        };
        Update: {
          "follow_up_id"?: string;
          "given_up_at"?: string;
          "id"?: never;
        };
        Relationships: [];
      };
      "leads": {
        Row: {
          "call_date": string | null;
          "created_at": string;
          "customer_name": string | null;
          "id": string;
          "phone": string | null;
          "raw_payload": NonNullable<Json>;
          "source": string | null;
          "stage": string;
          "time_zone": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "call_date"?: string | null;
          "created_at"?: string;
          "customer_name"?: string | null;
          "id"?: string;
          "phone"?: string | null;
          "raw_payload"?: NonNullable<Json>;
          "source"?: string | null;
          "stage"?: string;
          "time_zone"?: string | null;
          "updated_at"?: string;
        };
        Update: {
          "call_date"?: string | null;
          "created_at"?: string;
          "customer_name"?: string | null;
          "id"?: string;
          "phone"?: string | null;
          "raw_payload"?: NonNullable<Json>;
          "source"?: string | null;
          "stage"?: string;
          "time_zone"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "number_prefixes": {
        Row: {
          "country": string | null;
          "prefix": string;
          "time_zones": (string)[];
        };
        ComputedFields: never;
        Insert: {
          "country"?: string | null;
          "prefix": string;
          "time_zones": (string)[];
        };
        Update: {
          "country"?: string | null;
          "prefix"?: string;
          "time_zones"?: (string)[];
        };
        Relationships: [];
      };
      "provider_account": {
        Row: {
          "asked_at": string | null;
          "balance": number | null;
          "costs_read_at": string | null;
          "currency": string | null;
          "id": boolean;
          "lines_available": number | null;
          "lines_in_use": number | null;
          "lines_limit": number | null;
          "read_at": string | null;
          "refusal": string | null;
          "refused_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "asked_at"?: string | null;
          "balance"?: number | null;
          "costs_read_at"?: string | null;
          "currency"?: string | null;
          "id"?: boolean;
          "lines_available"?: number | null;
          "lines_in_use"?: number | null;
          "lines_limit"?: number | null;
          "read_at"?: string | null;
          "refusal"?: string | null;
          "refused_at"?: string | null;
        };
        Update: {
          "asked_at"?: string | null;
          "balance"?: number | null;
          "costs_read_at"?: string | null;
          "currency"?: string | null;
          "id"?: boolean;
          "lines_available"?: number | null;
          "lines_in_use"?: number | null;
          "lines_limit"?: number | null;
          "read_at"?: string | null;
          "refusal"?: string | null;
          "refused_at"?: string | null;
        };
        Relationships: [];
      };
      "recall_rules": {
        Row: {
          "delay": string;
          "is_terminal": boolean;
          "max_recalls": number;
          "outcome": string;
        };
        ComputedFields: never;
        Insert: {
          "delay"?: string;
          "is_terminal"?: boolean;
          "max_recalls"?: number;
          "outcome": string;
        };
        Update: {
          "delay"?: string;
          "is_terminal"?: boolean;
          "max_recalls"?: number;
          "outcome"?: string;
        };
        Relationships: [];
      };
      "seed_candidates": {
        Row: {
          "id": number;
          "lead_id": string;
          "noted_at": string;
        };
        ComputedFields: never;
        Insert: {
          "id"?: never;
          "lead_id": string;
          "noted_at"?: string;
        };
        Update: {
          "id"?: never;
          "lead_id"?: string;
          "noted_at"?: string;
        };
        Relationships: [];
      };
      "set_aside_rows": {
        Row: {
          "error": string;
          "kind": string;
          "row_id": string;
          "row_version": string | null;
          "set_aside_at": string;
          "until": string;
        };
        ComputedFields: never;
        Insert: {
          "error": string;
          "kind": string;
          "row_id": string;
          "row_version"?: string | null;
          "set_aside_at"?: string;
          "until": string;
        };
        Update: {
          "error"?: string;
          "kind"?: string;
          "row_id"?: string;
          "row_version"?: string | null;
          "set_aside_at"?: string;
          "until"?: string;
        };
        Relationships: [];
      };
      "shadow_decisions": {
        Row: {
          "ask_again_at": string | null;
          "decided_at": string;
          "decision": string;
          "follow_up_id": string | null;
          "id": number;
          "lead_id": string;
          "reason": string | null;
          "seen_call_date": string | null;
          "seen_completed_at": string | null;
          "seen_dispatch": Json | null;
          "seen_status": string | null;
        };
        ComputedFields: never;
        Insert: {
          "ask_again_at"?: string | null;
          "decided_at": string;
          "decision": string;
          "follow_up_id"?: string | null;
          "id"?: never;
          "lead_id": string;
          "reason"?: string | null;
          "seen_call_date"?: string | null;
          "seen_completed_at"?: string | null;
          "seen_dispatch"?: Json | null;
          "seen_status"?: string | null;
        };
        Update: {
          "ask_again_at"?: string | null;
          "decided_at"?: string;
          "decision"?: string;
          "follow_up_id"?: string | null;
          "id"?: never;
          "lead_id"?: string;
          "reason"?: string | null;
          "seen_call_date"?: string | null;
          "seen_completed_at"?: string | null;
          "seen_dispatch"?: Json | null;
          "seen_status"?: string | null;
        };
        Relationships: [];
      };
      "stop_list_key": {
        Row: {
          "id": boolean;
          "key": string;
        };
        ComputedFields: never;
        Insert: {
          "id"?: boolean;
          "key": string;
        };
        Update: {
          "id"?: boolean;
          "key"?: string;
        };
        Relationships: [];
      };
    };
    Views: {
      "call_queue": {
        Row: {
          "customer_name": string | null;
          "due_at": string | null;
          "follow_up_id": string | null;
          "is_callback": boolean | null;
          "lead_id": string | null;
          "next_allowed_at": string | null;
          "phone": string | null;
          "reason": string | null;
          "source": string | null;
          "stage": string | null;
          "waits_for": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "call_status": {
        Row: {
          "called_today": number | null;
          "calls_left": number | null;
          "due_now": number | null;
          "failed_today": number | null;
          "free_slots": number | null;
          "incidents": (string)[] | null;
          "last_run_error": string | null;
          "last_run_stop_reason": string | null;
          "last_tick_at": string | null;
          "last_tick_did": string | null;
          "live_calls": number | null;
          "oldest_due_at": string | null;
          "omni_balance": number | null;
          "omni_currency": string | null;
          "omni_lines_available": number | null;
          "omni_lines_limit": number | null;
          "omni_told_at": string | null;
          "paused": boolean | null;
          "spent_this_month": number | null;
          "spent_today": number | null;
          "tick_is_late": boolean | null;
          "under_way": number | null;
          "unknown_calls": number | null;
          "warnings": (string)[] | null;
          "why_none_is_left": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "calling_holidays_packs": {
        Row: {
          "day": string | null;
          "name": string | null;
          "pack": string | null;
          "region": string | null;
          "source": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "calling_hours_packs": {
        Row: {
          "closes": string | null;
          "opens": string | null;
          "pack": string | null;
          "region": string | null;
          "source": string | null;
          "valid_from": string | null;
          "weekdays": (number)[] | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "calls_by_hour": {
        Row: {
          "calls": number | null;
          "completed": number | null;
          "hour": number | null;
          "share_answered": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "calls_by_outcome": {
        Row: {
          "average_seconds": number | null;
          "calls": number | null;
          "outcome": string | null;
          "share": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "calls_daily": {
        Row: {
          "busy": number | null;
          "calls": number | null;
          "cancelled": number | null;
          "completed": number | null;
          "day": string | null;
          "failed": number | null;
          "no_answer": number | null;
          "not_told": number | null;
          "talk_seconds": number | null;
          "voicemail_detected": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "dispatchable_follow_ups": {
        Row: {
          "due_at": string;
          "id": string;
          "is_callback": boolean;
          "lead_id": string;
          "lease_token": string | null;
          "leased_until": string | null;
        };
        ComputedFields: never;
        Insert: {
          "due_at"?: string | null;
          "id"?: string | null;
          "is_callback"?: boolean | null;
          "lead_id"?: string | null;
          "lease_token"?: string | null;
          "leased_until"?: string | null;
        };
        Update: {
          "due_at"?: string | null;
          "id"?: string | null;
          "is_callback"?: boolean | null;
          "lead_id"?: string | null;
          "lease_token"?: string | null;
          "leased_until"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "follow_ups_lead_id_fkey";
            columns: ["lead_id"];
            isOneToOne: false;
            referencedRelation: "leads";
            referencedColumns: ["id"];
          },
        ];
      };
      "parked_call_events": {
        Row: {
          "attempt_id": string | null;
          "call_id": string | null;
          "duration_seconds": number | null;
          "outcome": string | null;
          "reason": string | null;
          "received_at": string;
          "reported_status": string | null;
          "request_id": string | null;
          "source": string;
          "summary": string | null;
          "to_number": string | null;
        };
        ComputedFields: never;
        Insert: {
          "attempt_id"?: string | null;
          "call_id"?: string | null;
          "duration_seconds"?: number | null;
          "outcome"?: string | null;
          "reason"?: string | null;
          "received_at"?: string | null;
          "reported_status"?: string | null;
          "request_id"?: string | null;
          "source"?: string | null;
          "summary"?: string | null;
          "to_number"?: string | null;
        };
        Update: {
          "attempt_id"?: string | null;
          "call_id"?: string | null;
          "duration_seconds"?: number | null;
          "outcome"?: string | null;
          "reason"?: string | null;
          "received_at"?: string | null;
          "reported_status"?: string | null;
          "request_id"?: string | null;
          "source"?: string | null;
          "summary"?: string | null;
          "to_number"?: string | null;
        };
        Relationships: [];
      };
      "shadow_report": {
        Row: {
          "decided_at": string | null;
          "decision": string | null;
          "follow_up_id": string | null;
          "lead_id": string | null;
          "other_did": string | null;
          "reason": string | null;
          "verdict": string | null;
          "was_marked": boolean | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "unread_callbacks": {
        Row: {
          "attempt_id": string;
          "callback_text": string | null;
          "customer_name": string | null;
          "ended_at": string | null;
          "lead_id": string;
          "summary": string | null;
          "to_number": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "unsettled_calls": {
        Row: {
          "attempt_id": string;
          "customer_name": string | null;
          "follow_up_id": string;
          "lead_id": string;
          "looked_up_at": string | null;
          "lookup_note": string | null;
          "lookups": number;
          "opened_at": string;
          "status": string;
          "to_number": string | null;
          "what_is_known": string | null;
          "what_next": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
    };
    Functions: {
      "account_readings_due": {
        Args: { "as_of"?: string };
        Returns: {
          "asked_at": string;
          "before_calling": boolean;
          "costs": boolean;
          "headroom": boolean;
        }[];
      };
      "alarm_must_be_sent": {
        Args: {
          "as_of"?: string;
          "incident": Omit<
            Database["public"]["Tables"]["dispatch_incidents"]["Row"],
            Database["public"]["Tables"]["dispatch_incidents"]["ComputedFields"]
          >;
        };
        Returns: boolean;
      };
      "alarm_text": {
        Args: {
          "incident": Omit<
            Database["public"]["Tables"]["dispatch_incidents"]["Row"],
            Database["public"]["Tables"]["dispatch_incidents"]["ComputedFields"]
          >;
        };
        Returns: string;
      };
      "arrange_indexes": { Args: Record<PropertyKey, never>; Returns: (string)[] };
      "assert_kept": { Args: { "kept": number; "written": number }; Returns: undefined };
      "attempts_to_settle": {
        Args: { "as_of"?: string; "batch_size"?: number };
        Returns: {
          "attempt_id": string;
          "opened_at": string;
          "over_by": string;
          "request_id": string;
          "sending_until": string;
          "status": string;
          "to_number": string;
        }[];
      };
      "attempts_with_refused_parts": {
        Args: { "as_of"?: string; "batch_size"?: number };
        Returns: {
          "attempt_id": string;
        }[];
      };
      "begin_dispatch_run": {
        Args: { "as_of"?: string; "contract"?: number; "run_id"?: string; "source"?: string };
        Returns: {
          "id": string;
          "start_with_one": boolean;
        }[];
      };
      "blocks_seeding": { Args: { "status": string }; Returns: boolean };
      "call_allowance": {
        Args: { "as_of"?: string; "lines_of_omni"?: boolean; "run_id"?: string };
        Returns: {
          "calls": number;
          "is_limit": boolean;
          "reason": string;
          "until": string;
        }[];
      };
      "call_refusal": {
        Args: {
          "as_of"?: string;
          "follow_up": Omit<
            Database["public"]["Tables"]["follow_ups"]["Row"],
            Database["public"]["Tables"]["follow_ups"]["ComputedFields"]
          >;
          "lead": Omit<
            Database["public"]["Tables"]["leads"]["Row"],
            Database["public"]["Tables"]["leads"]["ComputedFields"]
          >;
          "number": string;
        };
        Returns: {
          "ending": string;
          "reason": string;
          "until": string;
          "zones": (string)[];
        }[];
      };
      "call_with_corrected_phone": { Args: { "lead_id": string }; Returns: boolean };
      "call_zones": {
        Args: { "number_zones": (string)[]; "time_zone": string };
        Returns: (string)[];
      };
      "callback_reason": { Args: { "callback_text": string }; Returns: string };
      "callbacks_to_read": {
        Args: { "batch_size"?: number; "of_attempt"?: string };
        Returns: {
          "attempt_id": string;
          "callback_text": string;
          "local_now": string;
        }[];
      };
      "calls_placed_since": {
        Args: { "began": string };
        Returns: {
          "calls": number;
          "calls_without_cost": number;
          "cost": number;
        }[];
      };
      "calls_summed_up_to": { Args: Record<PropertyKey, never>; Returns: string };
      "calls_without_cost": {
        Args: { "as_of"?: string; "batch_size"?: number };
        Returns: string[];
      };
      "check_dispatch_contract": { Args: { "contract": number }; Returns: number };
      "claim_due_follow_ups": {
        Args: { "as_of"?: string; "batch_size"?: number; "lease"?: string; "run_id"?: string };
        Returns: {
          "attempts": number;
          "customer_name": string;
          "default_country": string;
          "due_at": string;
          "follow_up_id": string;
          "lead_id": string;
          "lease_token": string;
          "message": string;
          "phone": string;
        }[];
      };
      "claim_follow_ups": {
        Args: { "as_of"?: string; "follow_up_ids": (string)[]; "lease": string; "most": number };
        Returns: {
          "claimed_ids": (string)[];
          "put_off": number;
          "skipped": number;
        }[];
      };
      "claim_follow_ups_apart": {
        Args: { "as_of"?: string; "follow_up_ids": (string)[]; "lease": string; "most": number };
        Returns: {
          "claimed_ids": (string)[];
          "put_off": number;
          "set_aside": number;
          "skipped": number;
        }[];
      };
      "claim_stop_reason": { Args: { "as_of"?: string; "run_id"?: string }; Returns: string };
      "close_lost_runs": { Args: { "as_of"?: string }; Returns: number };
      "day_so_far": {
        Args: { "began": string };
        Returns: {
          "called": number;
          "given_up": number;
        }[];
      };
      "dispatch_backlog": {
        Args: { "as_of"?: string };
        Returns: {
          "due": number;
          "free_slots": number;
          "paused": boolean;
          "seedable": number;
          "stale": number;
        }[];
      };
      "dispatch_contract": { Args: Record<PropertyKey, never>; Returns: number };
      "drop_calling_hours_pack": { Args: { "pack": string }; Returns: number };
      "erase_person": {
        Args: { "as_of"?: string; "lead_ids"?: (string)[]; "number"?: string };
        Returns: {
          "call_attempts": number;
          "call_events": number;
          "call_pauses": number;
          "erased": boolean;
          "follow_ups": number;
          "leads": number;
          "stopped_numbers": number;
          "why_not": string;
        }[];
      };
      "fail_follow_ups": {
        Args: { "as_of"?: string; "items": Json; "run_id"?: string };
        Returns: number;
      };
      "find_incidents": {
        Args: { "as_of"?: string };
        Returns: {
          "began_at": string;
          "detail": string;
          "kind": string;
          "told_after": string;
        }[];
      };
      "finish_dispatch_run": {
        Args: { "as_of"?: string; "run_id": string; "summary": Json };
        Returns: {
          "accepted": number;
          "claimed": number;
          "error": string;
          "failed": number;
          "next_run_id": string;
          "not_sent": number;
          "postponed": number;
          "refused": number;
          "remaining": number;
          "rescued": number;
          "seeded": number;
          "skipped": number;
          "stop_reason": string;
          "unknown": number;
        }[];
      };
      "first_moment_of": { Args: { "local_time": string; "time_zone": string }; Returns: string };
      "fitting_hours": {
        Args: { "country": string; "number": string };
        Returns: {
          "closes": string;
          "id": number;
          "opens": string;
          "pack": string | null;
          "region": string;
          "source": string | null;
          "valid_from": string | null;
          "valid_until": string | null;
          "weekdays": (number)[];
        }[];
        SetofOptions: {
          from: "*";
          to: "calling_hours";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "follow_settled_call": {
        Args: {
          "as_of"?: string;
          "attempt_id": string;
          "completing"?: boolean;
          "planning"?: boolean;
          "withdrawing"?: boolean;
        };
        Returns: undefined;
      };
      "forget_call_events": {
        Args: { "lead_ids": (string)[]; "numbers": (string)[] };
        Returns: number;
      };
      "forget_leads": {
        Args: { "lead_ids": (string)[] };
        Returns: {
          "follow_ups": number;
          "leads": number;
        }[];
      };
      "free_call_slots": { Args: { "as_of"?: string }; Returns: number };
      "free_follow_ups": {
        Args: { "as_of"?: string; "follow_up_ids": (string)[]; "reason"?: string };
        Returns: number;
      };
      "fresh_provider_account": {
        Args: { "as_of"?: string };
        Returns: {
          "asked_at": string | null;
          "balance": number | null;
          "costs_read_at": string | null;
          "currency": string | null;
          "id": boolean;
          "lines_available": number | null;
          "lines_in_use": number | null;
          "lines_limit": number | null;
          "read_at": string | null;
          "refusal": string | null;
          "refused_at": string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "provider_account";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "hold_rows_of_call": { Args: { "attempt_id": string }; Returns: boolean };
      "hours_key": { Args: { "country": string; "number": string }; Returns: string };
      "impersonal_error": {
        Args: {
          "error": string;
          "lead": Omit<
            Database["public"]["Tables"]["leads"]["Row"],
            Database["public"]["Tables"]["leads"]["ComputedFields"]
          >;
        };
        Returns: string;
      };
      "invoke_call_dispatch": { Args: { "as_of"?: string; "source"?: string }; Returns: string };
      "is_allowance_bounded": {
        Args: { "as_of"?: string; "lines_of_omni"?: boolean; "run_id"?: string };
        Returns: boolean;
      };
      "is_calling_hour": {
        Args: { "at_moment": string; "country": string; "number": string; "zones": (string)[] };
        Returns: boolean;
      };
      "is_erased_number": { Args: { "number": string }; Returns: boolean };
      "is_no_rows_fault": { Args: { "sqlstate": string }; Returns: boolean };
      "is_of_erased_person": {
        Args: {
          "event": Omit<
            Database["public"]["Tables"]["call_events"]["Row"],
            Database["public"]["Tables"]["call_events"]["ComputedFields"]
          >;
        };
        Returns: boolean;
      };
      "is_on_stop_list": { Args: { "number": string }; Returns: boolean };
      "is_seedable_lead": {
        Args: { "call_date": string; "phone": string; "stage": string };
        Returns: boolean;
      };
      "is_time_zone": { Args: { "name": string }; Returns: boolean };
      "is_trouble_recent": { Args: { "as_of"?: string; "source": string }; Returns: boolean };
      "is_work_waiting": { Args: { "as_of"?: string }; Returns: boolean };
      "known_calls": {
        Args: { "request_ids": (string)[] };
        Returns: {
          "attempt_id": string;
          "opened_at": string;
          "request_id": string;
        }[];
      };
      "last_number_called": { Args: { "lead_id": string }; Returns: string };
      "lead_refusal_reason": {
        Args: { "call_date": string; "phone": string; "source": string; "stage": string };
        Returns: string;
      };
      "lead_time_zone": { Args: { "time_zone": string }; Returns: string };
      "leads_with_numbers": {
        Args: { "numbers": (string)[] };
        Returns: {
          "lead_id": string;
        }[];
      };
      "leads_without_a_known_zone": { Args: Record<PropertyKey, never>; Returns: number };
      "leave_to_schedule": { Args: Record<PropertyKey, never>; Returns: undefined };
      "mark_calls_placed": {
        Args: { "as_of"?: string; "attempt_ids": (string)[]; "completing"?: boolean };
        Returns: undefined;
      };
      "mark_calls_placed_apart": {
        Args: { "as_of"?: string; "attempt_ids": (string)[] };
        Returns: undefined;
      };
      "match_call_event": { Args: { "as_of"?: string; "event_id": string }; Returns: undefined };
      "merge_payload": { Args: { "key": string; "part": Json; "payload": Json }; Returns: Json };
      "net_reply": {
        Args: { "asked_at": string; "request_id": number };
        Returns: {
          "has_failed": boolean;
          "status_code": number;
        }[];
      };
      "next_calling_moment": {
        Args: { "country": string; "from_moment": string; "number": string; "zones": (string)[] };
        Returns: string;
      };
      "note_refused_part": {
        Args: { "attempt_id": string; "what": string; "why": string };
        Returns: undefined;
      };
      "note_shadow_decisions": {
        Args: { "as_of"?: string; "batch_size"?: number };
        Returns: number;
      };
      "note_unmarked_call": { Args: { "attempt_id": string; "why": string }; Returns: undefined };
      "note_unseeded_leads": { Args: Record<PropertyKey, never>; Returns: number };
      "number_as_told": { Args: { "to_number": string }; Returns: string };
      "number_as_written": { Args: { "phone": string }; Returns: string };
      "number_country": { Args: { "number": string }; Returns: string };
      "number_prefix": {
        Args: { "number": string };
        Returns: {
          "country": string | null;
          "prefix": string;
          "time_zones": (string)[];
        };
        SetofOptions: {
          from: "*";
          to: "number_prefixes";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "number_time_zones": { Args: { "number": string }; Returns: (string)[] };
      "numbers_in_live_calls": { Args: { "numbers": (string)[] }; Returns: string[] };
      "oldest_due_at": { Args: { "as_of"?: string }; Returns: string };
      "open_call_attempts": {
        Args: { "as_of"?: string; "items": Json; "run_id"?: string; "sending_for"?: string };
        Returns: {
          "attempt_id": string;
          "follow_up_id": string;
        }[];
      };
      "open_incidents": {
        Args: { "as_of"?: string };
        Returns: {
          "began_at": string;
          "detail": string;
          "kind": string;
          "well_since": string;
        }[];
      };
      "plan_callback": {
        Args: {
          "as_of"?: string;
          "attempt_id": string;
          "callback_text": string;
          "local_time"?: string;
          "moment"?: string;
        };
        Returns: string;
      };
      "plan_recall": { Args: { "as_of"?: string; "attempt_id": string }; Returns: undefined };
      "plan_recall_of_lead": { Args: { "as_of"?: string; "lead_id": string }; Returns: undefined };
      "preview_dispatch": {
        Args: { "as_of"?: string; "batch_size"?: number };
        Returns: {
          "customer_name": string;
          "default_country": string;
          "due_at": string;
          "follow_up_id": string;
          "lead_id": string;
          "phone": string;
          "refusal": string;
        }[];
      };
      "purge_dispatch_history": { Args: { "as_of"?: string }; Returns: number };
      "put_back_uncalled": {
        Args: { "as_of"?: string; "attempt_ids": (string)[] };
        Returns: {
          "failed_ids": (string)[];
          "standing_ids": (string)[];
        }[];
      };
      "put_back_uncalled_apart": {
        Args: { "as_of"?: string; "attempt_ids": (string)[] };
        Returns: {
          "failed_ids": (string)[];
          "standing_ids": (string)[];
        }[];
      };
      "recall_moment": {
        Args: { "earliest": string; "tries": (string)[]; "zone": string };
        Returns: string;
      };
      "recall_reason": { Args: { "number": number; "outcome": string }; Returns: string };
      "record_call_costs": { Args: { "costs": Json }; Returns: number };
      "record_call_result": {
        Args: { "as_of"?: string; "event": Json };
        Returns: {
          "attempt_id": string;
          "callback_to_read": boolean;
          "verdict": string;
        }[];
      };
      "record_dispatch_results": {
        Args: { "as_of"?: string; "results": Json };
        Returns: {
          "attempt_id": string;
          "status": string;
        }[];
      };
      "record_provider_account": {
        Args: { "asked_at": string; "reading": Json };
        Returns: undefined;
      };
      "refused_rows": {
        Args: { "as_of"?: string };
        Returns: {
          "due_since": string;
          "error": string;
          "follow_up": Database["public"]["Tables"]["follow_ups"]["Row"];
          "kind": string;
          "lead": Database["public"]["Tables"]["leads"]["Row"];
          "set_aside_at": string;
        }[];
      };
      "rehome_calls": { Args: { "attempt_ids": (string)[] }; Returns: number };
      "release_follow_ups": {
        Args: { "as_of"?: string; "lease_tokens": (string)[] };
        Returns: number;
      };
      "request_dispatch_run": { Args: { "source": string }; Returns: undefined };
      "rescue_stale_attempts": { Args: { "as_of"?: string; "run_id"?: string }; Returns: number };
      "resolve_call_attempt": {
        Args: { "as_of"?: string; "attempt_id": string; "verdict": string };
        Returns: boolean;
      };
      "retry_delay": {
        Args: { "attempts": number; "first_delay": string; "longest_delay": string };
        Returns: string;
      };
      "retry_follow_up": { Args: { "as_of"?: string; "follow_up_id": string }; Returns: boolean };
      "retry_refused_parts": { Args: { "as_of"?: string }; Returns: number };
      "runs_under_way": { Args: { "as_of"?: string }; Returns: string[] };
      "schedule_call_dispatch": { Args: Record<PropertyKey, never>; Returns: undefined };
      "schedule_silence": {
        Args: { "as_of"?: string };
        Returns: {
          "detail": string;
          "is_incident": boolean;
          "is_late": boolean;
          "since": string;
        }[];
      };
      "seed_follow_ups": {
        Args: { "as_of"?: string; "batch_size"?: number; "run_id"?: string };
        Returns: number;
      };
      "seeds_to_come": {
        Args: { "as_of"?: string };
        Returns: {
          "attempts": number;
          "channel": string;
          "completed_at": string | null;
          "created_at": string;
          "due_at": string;
          "first_due_at": string | null;
          "id": string;
          "is_callback": boolean;
          "lead_id": string;
          "lease_token": string | null;
          "leased_until": string | null;
          "message": string | null;
          "reason": string | null;
          "recall_of": string | null;
          "source": string;
          "status": string;
          "updated_at": string;
        }[];
        SetofOptions: {
          from: "*";
          to: "follow_ups";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "send_alarm": { Args: { "message": string }; Returns: number };
      "set_aside": {
        Args: { "as_of"?: string; "error": string; "kind": string; "row_id": string };
        Returns: undefined;
      };
      "set_aside_claimed": {
        Args: { "as_of"?: string; "error": string; "follow_up_id": string };
        Returns: undefined;
      };
      "set_aside_warnings": { Args: Record<PropertyKey, never>; Returns: string[] };
      "settle_call": { Args: { "as_of"?: string; "attempt_id": string }; Returns: undefined };
      "settle_call_attempts": { Args: { "as_of"?: string; "verdicts": Json }; Returns: number };
      "settle_parked_events": { Args: { "as_of"?: string }; Returns: number };
      "settle_parked_events_of": {
        Args: { "as_of"?: string; "attempt_ids": (string)[] };
        Returns: undefined;
      };
      "settleable_parked_events": {
        Args: { "as_of"?: string; "batch_size"?: number };
        Returns: {
          "attempt_id": string;
          "event_id": string;
        }[];
      };
      "start_dispatch_run": { Args: { "as_of"?: string; "source": string }; Returns: string };
      "stop_by_hash": { Args: { "as_of"?: string; "numbers": (string)[] }; Returns: number };
      "stop_list_hash": { Args: { "number": string }; Returns: string };
      "sum_up_calls": { Args: { "as_of"?: string }; Returns: number };
      "tell_incidents": { Args: { "as_of"?: string }; Returns: undefined };
      "trouble_of_runs": {
        Args: { "as_of"?: string };
        Returns: {
          "began_at": string;
          "detail": string;
          "kind": string;
        }[];
      };
      "use_calling_hours_pack": { Args: { "pack": string }; Returns: number };
      "use_shadow_mode": { Args: { "is_on": boolean }; Returns: string };
      "waits_for_an_older": {
        Args: { "as_of"?: string; "follow_up_id": string };
        Returns: boolean;
      };
      "wanted_runs": { Args: { "as_of"?: string }; Returns: number };
      "was_called": { Args: { "lead_id": string }; Returns: boolean };
      "watch_dispatch": { Args: { "as_of"?: string }; Returns: number };
      "why_not_erased_yet": {
        Args: { "lead_ids": (string)[]; "numbers": (string)[] };
        Returns: string;
      };
      "withdraw_recall": {
        Args: { "attempt_id": string; "is_callback": boolean };
        Returns: undefined;
      };
      "words_of_refused_run": {
        Args: { "has_failed": boolean; "request_id": number; "status_code": number };
        Returns: string;
      };
      "work_not_called": { Args: { "as_of"?: string }; Returns: string };
      "work_refused": {
        Args: { "as_of"?: string };
        Returns: {
          "detail": string;
          "since": string;
        }[];
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
