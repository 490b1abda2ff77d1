// Reads a JSON array of Kubernetes objects on standard input; prints what the published schemas say against them, an array of texts.
// Types and required fields are those of the validators; names of fields, which validators let pass, those of the declarations.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
const packages = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "node_modules");
const sources = ["kubernetes-models", "@kubernetes-models/keda", "@kubernetes-models/prometheus-operator"];
const problems = [];

for (const object of JSON.parse(readFileSync(0, "utf8"))) {
  const name = `${object.kind} ${object.metadata?.name}`;
  const file = sources
    .map((source) => path.join(packages, source, object.apiVersion, `${object.kind}.js`))
    .find((candidate) => existsSync(candidate));
  if (!file) {
    problems.push(`${name}: no ${object.apiVersion} ${object.kind} is known`);
    continue;
  }
  try {
    new (require(file)[object.kind])(object).validate();
  } catch (error) {
    problems.push(`${name}: ${error.message}`);
  }
  unknownFields(object, file.replace(/js$/, "d.ts"), `I${object.kind}`, name);
}
console.log(JSON.stringify(problems));

/** Looks for fields that an interface of a declaration file does not have. */
function unknownFields(value, file, type, where) {
  const fields = fieldsOf(file, type);
  if (!fields || value === null || typeof value !== "object") {
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const field = fields.get(key);
    if (!field) {
      problems.push(`${where}: ${type} has no field '${key}'`);
      continue;
    }
    const reference = /^(?:Array<)?(I\w+)>?$/.exec(field);
    if (reference) {
      for (const item of Array.isArray(inner) ? inner : [inner]) {
        const declared = declaredIn(file, reference[1]);
        unknownFields(item, declared, `I${path.basename(declared, ".d.ts")}`, `${where}.${key}`);
      }
    }
  }
}

/** The fields of an interface and their types, or null where it is not written out. */
function fieldsOf(file, type) {
  if (!file || !existsSync(file)) {
    return null;
  }
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const head = new RegExp(`interface ${type}(?: extends [^{]*)? \\{`).exec(text);
  if (!head) {
    return null;
  }
  const fields = new Map();
  let depth = 1;
  for (const line of text.slice(head.index + head[0].length).split("\n")) {
    const field = depth === 1 && /^\s*"?([\w$.-]+)"?\??:\s*(.*?);?\s*$/.exec(line);
    if (field) {
      fields.set(field[1], field[2]);
    }
    depth += (line.match(/\{/g)?.length ?? 0) - (line.match(/\}/g)?.length ?? 0);
    if (depth === 0) {
      break;
    }
  }
  return fields;
}

/** The declaration file that an interface is imported from; in it, its name is that of the file. */
function declaredIn(file, type) {
  const source = new RegExp(`import \\{[^}]*\\b${type}\\b[^}]*\\} from "([^"]+)"`).exec(readFileSync(file, "utf8"))?.[1];
  if (!source) {
    return file;
  }
  return source.startsWith(".") ? `${path.resolve(path.dirname(file), source)}.d.ts` : path.join(packages, `${source}.d.ts`);
}
