import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

const files = new Map();

/** The constants of a file, and where its imports come from. */
function readModule(file) {
  if (files.has(file)) return files.get(file);
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const module = { source, constants: new Map(), imports: new Map() };
  files.set(file, module);
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer) module.constants.set(name.getText(), initializer);
      }
    } else if (ts.isImportDeclaration(statement) && statement.moduleSpecifier.text.startsWith(".")) {
      for (const { name, propertyName } of statement.importClause?.namedBindings?.elements ?? []) {
        const from = join(dirname(file), statement.moduleSpecifier.text);
        module.imports.set(name.text, { file: from, name: (propertyName ?? name).text });
      }
    }
  }
  return module;
}

/** What a schema's expression stands for: a type's name, the suffixes around it, and its fields if it is an object. */
function shape(node, file) {
  const { constants, imports } = readModule(file);
  if (ts.isIdentifier(node)) {
    if (constants.has(node.text)) return shape(constants.get(node.text), file);
    const imported = imports.get(node.text);
    if (imported) return shape(readModule(imported.file).constants.get(imported.name), imported.file);
  }
  if (!ts.isCallExpression(node)) return { type: node.getText() };
  const [first] = node.arguments;
  const kind = node.expression.getText().replace(/^v\./, "");
  const inner = () => shape(first, file);
  const wrapped = (suffix) => {
    const { type, fields } = inner();
    return { type: type + suffix, fields };
  };
  if (kind === "pipe") return inner();
  if (kind === "optional") return wrapped("?");
  if (kind === "nullable") return wrapped(" or null");
  if (kind === "array") return wrapped("[]");
  if (kind === "tuple" || kind === "strictTuple") {
    const parts = first.elements.map((element) => shape(element, file));
    const same = parts.every(({ type }) => type === parts[0].type);
    return same && parts[0].fields
      ? { type: `${parts[0].type}[${parts.length}]`, fields: parts[0].fields }
      : { type: `[${parts.map(({ type }) => type).join(", ")}]` };
  }
  if (kind === "picklist") return { type: picklist(first, file) };
  if (kind === "record") return { type: `${shape(node.arguments[1], file).type}{}` };
  if (/^(object|looseObject|strictObject)$/.test(kind)) return { type: "object", fields: fieldsOf(first, file) };
  if (kind === "partial" || kind === "required") return inner();
  if (/^(number|string|boolean|unknown)$/.test(kind)) return { type: kind };
  if (kind === "literal") return { type: first.getText() };
  if (kind === "custom") return { type: "number{}" };
  if (kind === "union") return { type: first.elements.map((element) => shape(element, file).type).join(" or ") };
  if (kind === "variant") return { type: "object", fields: variantFields(node.arguments[1], first.text, file) };
  return call(node, kind, file);
}

/** The fields of all variants, each once: the one that tells them apart with all its values, what not all have with "?". */
function variantFields(list, key, file) {
  const variants = list.elements.map((element) => shape(element, file).fields ?? []);
  const all = new Map(variants.flat().map((field) => [field.name, field]));
  const of = (name) => variants.flatMap((fields) => fields.filter((field) => field.name === name));
  return [...all.values()].map((field) => {
    const those = of(field.name);
    if (field.name === key) return { ...field, type: those.map(({ type }) => type).join(" or ") };
    return those.length < variants.length ? { ...field, type: `${field.type}?` } : field;
  });
}

/** A local function of one schema, as `beforeAfter(side)`: its body, with the argument in place of the parameter. */
function call(node, kind, file) {
  const made = readModule(file).constants.get(kind);
  if (!made || !ts.isArrowFunction(made)) return { type: kind };
  const { fields, type } = shape(made.body, file);
  const parameter = made.parameters[0]?.name.getText();
  const argument = shape(node.arguments[0], file);
  return { type, fields: fields?.map((field) => (field.type === parameter ? { ...field, ...argument } : field)) };
}

function picklist(node, file) {
  const list = ts.isIdentifier(node) ? constantOf(node.text, file) : node;
  const array = list && ts.isAsExpression(list) ? list.expression : list;
  return array && ts.isArrayLiteralExpression(array) ? array.elements.map((e) => e.getText()).join(" or ") : "string";
}

function constantOf(name, file) {
  const { constants, imports } = readModule(file);
  if (constants.has(name)) return constants.get(name);
  const imported = imports.get(name);
  return imported && readModule(imported.file).constants.get(imported.name);
}

function fieldsOf(object, file) {
  return object.properties.flatMap((property) => {
    if (ts.isSpreadAssignment(property)) {
      const spread = property.expression;
      if (ts.isIdentifier(spread)) return fieldsOf(constantOf(spread.text, file), file);
      const { fields = [] } = shape(spread.expression, file);
      return fields;
    }
    const value = ts.isShorthandPropertyAssignment(property) ? property.name : property.initializer;
    return [{ name: property.name.getText(), comment: commentOf(property), ...shape(value, file) }];
  });
}

function commentOf(node) {
  const text = node.getFullText().slice(0, node.getStart() - node.getFullStart());
  return [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)]
    .map(([, inner]) =>
      inner
        .replace(/^\s*\* ?/gm, "")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .join(" ");
}

/** Rows [field, type, comment] of an exported schema, nested fields under their owner's path. */
export function shapesOf(file, name) {
  const rows = (fields, path) =>
    fields.flatMap(({ name, comment, type, fields: inner }) => [
      [`\`${path}${name}\``, type, comment],
      ...(inner ? rows(inner, `${path}${name}${type.includes("[") ? "[]" : ""}.`) : []),
    ]);
  const { fields } = shape(readModule(file).constants.get(name), file);
  return rows(fields, "");
}
