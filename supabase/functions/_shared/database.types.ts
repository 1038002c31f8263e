export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "call_attempts": {
        Row: {
          "call_id": string | null;
          "duration_seconds": number | null;
          "ended_at": string | null;
          "error": string | null;
          "follow_up_id": string;
          "http_status": number | null;
          "id": string;
          "lead_id": string;
          "lease_token": string;
          "opened_at": string;
          "outcome": string | null;
          "recording_url": string | null;
          "refused_alone": boolean;
          "request_id": string | null;
          "response": Json | null;
          "run_id": string | null;
          "sending_until": string;
          "status": string;
          "summary": string | null;
          "to_number": string;
        };
        ComputedFields: never;
        Insert: {
          "call_id"?: string | null;
          "duration_seconds"?: number | null;
          "ended_at"?: string | null;
          "error"?: string | null;
          "follow_up_id": string;
          "http_status"?: number | null;
          "id"?: string;
          "lead_id": string;
          "lease_token": string;
          "opened_at"?: string;
          "outcome"?: string | null;
          "recording_url"?: string | null;
          "refused_alone"?: boolean;
          "request_id"?: string | null;
          "response"?: Json | null;
          "run_id"?: string | null;
          "sending_until": string;
          "status"?: string;
          "summary"?: string | null;
          "to_number": string;
        };
        Update: {
          "call_id"?: string | null;
          "duration_seconds"?: number | null;
          "ended_at"?: string | null;
          "error"?: string | null;
          "follow_up_id"?: string;
          "http_status"?: number | null;
          "id"?: string;
          "lead_id"?: string;
          "lease_token"?: string;
          "opened_at"?: string;
          "outcome"?: string | null;
          "recording_url"?: string | null;
          "refused_alone"?: boolean;
          "request_id"?: string | null;
          "response"?: Json | null;
          "run_id"?: string | null;
          "sending_until"?: string;
          "status"?: string;
          "summary"?: string | null;
          "to_number"?: string;
        };
        Relationships: [];
      };
      "dispatch_heartbeat": {
        Row: {
          "id": boolean;
          "last_tick_at": string | null;
          "last_tick_did": string | null;
        };
        ComputedFields: never;
        Insert: {
          "id"?: boolean;
          "last_tick_at"?: string | null;
          "last_tick_did"?: string | null;
        };
        Update: {
          "id"?: boolean;
          "last_tick_at"?: string | null;
          "last_tick_did"?: string | null;
        };
        Relationships: [];
      };
      "dispatch_runs": {
        Row: {
          "accepted": number;
          "claimed": number;
          "error": string | null;
          "failed": number;
          "finished_at": string | null;
          "id": string;
          "net_request_id": number | null;
          "not_sent": number;
          "postponed": number;
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
          "claimed"?: number;
          "error"?: string | null;
          "failed"?: number;
          "finished_at"?: string | null;
          "id"?: string;
          "net_request_id"?: number | null;
          "not_sent"?: number;
          "postponed"?: number;
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
          "claimed"?: number;
          "error"?: string | null;
          "failed"?: number;
          "finished_at"?: string | null;
          "id"?: string;
          "net_request_id"?: number | null;
          "not_sent"?: number;
          "postponed"?: number;
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
          "default_country": string | null;
          "history_kept": string;
          "id": boolean;
          "longest_call": string;
          "max_attempts": number;
          "max_concurrent_calls": number | null;
          "number_busy_delay": string;
          "paused": boolean;
          "retry_first_delay": string;
          "retry_longest_delay": string;
        };
        ComputedFields: never;
        Insert: {
          "default_country"?: string | null;
          "history_kept"?: string;
          "id"?: boolean;
          "longest_call"?: string;
          "max_attempts"?: number;
          "max_concurrent_calls"?: number | null;
          "number_busy_delay"?: string;
          "paused"?: boolean;
          "retry_first_delay"?: string;
          "retry_longest_delay"?: string;
        };
        Update: {
          "default_country"?: string | null;
          "history_kept"?: string;
          "id"?: boolean;
          "longest_call"?: string;
          "max_attempts"?: number;
          "max_concurrent_calls"?: number | null;
          "number_busy_delay"?: string;
          "paused"?: boolean;
          "retry_first_delay"?: string;
          "retry_longest_delay"?: string;
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
          "id": string;
          "lead_id": string;
          "lease_token": string | null;
          "leased_until": string | null;
          "message": string | null;
          "reason": string | null;
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
          "id"?: string;
          "lead_id": string;
          "lease_token"?: string | null;
          "leased_until"?: string | null;
          "message"?: string | null;
          "reason"?: string | null;
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
          "id"?: string;
          "lead_id"?: string;
          "lease_token"?: string | null;
          "leased_until"?: string | null;
          "message"?: string | null;
          "reason"?: string | null;
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
    };
    Views: {
      "dispatchable_follow_ups": {
        Row: {
          "due_at": string;
          "id": string;
          "lead_id": string;
          "lease_token": string | null;
          "leased_until": string | null;
        };
        ComputedFields: never;
        Insert: {
          "due_at"?: string | null;
          "id"?: string | null;
          "lead_id"?: string | null;
          "lease_token"?: string | null;
          "leased_until"?: string | null;
        };
        Update: {
          "due_at"?: string | null;
          "id"?: string | null;
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
    };
    Functions: {
      "begin_dispatch_run": {
        Args: { "as_of"?: string; "run_id"?: string; "source"?: string };
        Returns: {
          "id": string;
          "start_with_one": boolean;
        }[];
      };
      "blocks_seeding": { Args: { "status": string }; Returns: boolean };
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
      "close_lost_runs": { Args: { "as_of"?: string }; Returns: number };
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
      "fail_follow_ups": {
        Args: { "as_of"?: string; "items": Json; "run_id"?: string };
        Returns: number;
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
      "free_call_slots": { Args: { "as_of"?: string }; Returns: number };
      "invoke_call_dispatch": { Args: { "as_of"?: string; "source"?: string }; Returns: string };
      "is_seedable_lead": {
        Args: { "call_date": string; "phone": string; "stage": string };
        Returns: boolean;
      };
      "lead_refusal_reason": {
        Args: { "call_date": string; "phone": string; "source": string; "stage": string };
        Returns: string;
      };
      "note_unseeded_leads": { Args: Record<PropertyKey, never>; Returns: number };
      "numbers_in_live_calls": { Args: { "numbers": (string)[] }; Returns: string[] };
      "open_call_attempts": {
        Args: { "as_of"?: string; "items": Json; "run_id"?: string; "sending_for"?: string };
        Returns: {
          "attempt_id": string;
          "follow_up_id": string;
        }[];
      };
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
      "record_dispatch_results": {
        Args: { "as_of"?: string; "results": Json };
        Returns: {
          "attempt_id": string;
          "status": string;
        }[];
      };
      "release_follow_ups": {
        Args: { "as_of"?: string; "lease_tokens": (string)[] };
        Returns: number;
      };
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
      "schedule_call_dispatch": { Args: Record<PropertyKey, never>; Returns: undefined };
      "seed_follow_ups": {
        Args: { "as_of"?: string; "batch_size"?: number; "run_id"?: string };
        Returns: number;
      };
      "was_called": { Args: { "lead_id": string }; Returns: boolean };
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
