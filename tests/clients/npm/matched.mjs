// Which texts the regular expressions match (ECMA-262, with the flag `u` as schemas are read).
import { readFileSync } from "node:fs";

const { expressions, texts } = JSON.parse(readFileSync(0, "utf8"));
const matched = expressions.map((expression) => {
  const read = new RegExp(expression, "u");
  return texts.map((text) => read.test(text));
});
process.stdout.write(JSON.stringify(matched));
