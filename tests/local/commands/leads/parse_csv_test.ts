import assert from "node:assert/strict";
import { parseCsv } from "../../../../supabase/local/commands/leads/parse_csv.ts";

function fieldsOf(text: string): string[][] {
  return parseCsv(text).rows.map(({ fields }) => fields);
}

Deno.test("parseCsv: comma, semicolon and tab are told by the first line", () => {
  assert.deepEqual(fieldsOf("a,b\n1;,2\n"), [["a", "b"], ["1;", "2"]]);
  assert.deepEqual(fieldsOf("a;b\n1,5;2\n"), [["a", "b"], ["1,5", "2"]]);
  assert.deepEqual(fieldsOf("a\tb\n1,5\t2"), [["a", "b"], ["1,5", "2"]]);
});

Deno.test("parseCsv: separators inside quotes do not count", () => {
  assert.deepEqual(fieldsOf('"a,b,c,d";e\n1;2\n'), [["a,b,c,d", "e"], ["1", "2"]]);
});

Deno.test("parseCsv: lines are the file's own, with blank ones and breaks inside quotes", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = ["a,b", '"x', "", 'y",2', "", " , ", "3,4", '"5","é', '"', "6,7"].join(end);
    const places = parseCsv(text).rows.map(({ line, lastLine }) => [line, lastLine]);
    assert.deepEqual(places, [[1, 1], [2, 4], [7, 7], [8, 9], [10, 10]], JSON.stringify(end));
  }
});

Deno.test("parseCsv: line ends of two kinds in one file", () => {
  assert.deepEqual(
    parseCsv("a\r\nb\nc\r\nd").rows.map(({ line, fields }) => [line, fields[0]]),
    [[1, "a"], [2, "b"], [3, "c"], [4, "d"]],
  );
});

Deno.test("parseCsv: quotes are doubled inside quotes and plain characters elsewhere", () => {
  assert.deepEqual(fieldsOf('a,b\n"say ""hi""",6" pipe\n'), [["a", "b"], ['say "hi"', '6" pipe']]);
});

Deno.test("parseCsv: a quote that is never closed loses its row and what follows, nothing before", () => {
  const { rows, unclosedQuoteLine } = parseCsv('a,b\n1,2\n\n3,"4\n5,6\n');
  assert.deepEqual(rows.map(({ fields }) => fields), [["a", "b"], ["1", "2"]]);
  assert.equal(unclosedQuoteLine, 4);
});

Deno.test("parseCsv: nothing comes of nothing", () => {
  assert.deepEqual(parseCsv(""), { rows: [], unclosedQuoteLine: null });
  assert.deepEqual(parseCsv("\n \n"), { rows: [], unclosedQuoteLine: null });
});
