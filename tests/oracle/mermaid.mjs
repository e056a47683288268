// Whether Mermaid itself reads the flowcharts that `sre graph --format mermaid` writes.
//
//   npm install --no-save mermaid jsdom
//   sre graph --format mermaid > graph.mmd && node tests/oracle/mermaid.mjs graph.mmd
//
// Ends with 1 where it does not read one of the files, or where the file has another number of nodes and
// references than Mermaid finds. Run by hand and in CI: the parser needs a browser's document, which is
// too much for the tests that everybody runs.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

let failed = false;
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  try {
    await mermaid.parse(text);
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
    const found = [diagram.db.getVertices().size, diagram.db.getEdges().length];
    const lines = text.split("\n");
    const edges = lines.filter((line) => /^  \w+ (==>|-->|-\.->)/.test(line)).length;
    const nodes = lines.filter((line) => /^  [A-Z]\w*[[(]/.test(line)).length;
    const same = found[0] === nodes && found[1] === edges;
    console.log(`${file}: ${found[0]} of ${nodes} nodes, ${found[1]} of ${edges} references`);
    failed ||= !same;
  } catch (error) {
    console.log(`${file}: ${error.message}`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
