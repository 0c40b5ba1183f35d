'use strict';
// Shows openapi.json, and tries what it says. All text becomes text nodes, never markup.

const at = new URL('openapi.json', location.href);
const by = id => document.getElementById(id);
let doc;
let literals; // segments of paths that are no parameters

/// An element: h('a', {href: '#'}, 'text', otherElement)
function h(tag, traits, ...inside) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(traits || {})) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (value === true) e.setAttribute(name, '');
    else if (value !== false && value != null) e.setAttribute(name, value);
  }
  e.append(...inside.filter(x => x != null));
  return e;
}

// -- schemas ---------------------------------------------------------------------------------------

const follow = x => x && x.$ref ? x.$ref.slice(2).split('/').reduce((o, k) => o[k], doc) : x;
const nameOf = x => x.$ref.split('/').pop();

/// A schema as people write types; `names` gets those that it refers to.
function typeText(s, names, indent = '') {
  if (s === false) return 'never';
  if (s.$ref) {
    names.add(nameOf(s));
    return nameOf(s);
  }
  const inner = x => typeText(x, names, indent + '  ');
  if (s.enum) return s.enum.map(x => JSON.stringify(x)).join(' | ');
  if (s.anyOf) return s.anyOf.map(inner).join(' | ');
  if (Array.isArray(s.type)) return s.type.join(' | ');
  if (s.type === 'array') {
    if (s.prefixItems) return '[' + s.prefixItems.map(inner).join(', ') + ']';
    const item = inner(s.items || {});
    return (item.includes('|') ? '(' + item + ')' : item) + '[]';
  }
  if (s.type === 'object') {
    const members = Object.entries(s.properties || {}).map(([name, x]) =>
      name + ((s.required || []).includes(name) ? ': ' : '?: ') + inner(x));
    if (s.additionalProperties) members.push('[name]: ' + inner(s.additionalProperties));
    const line = members.join(', ');
    if (line.length < 60 && !line.includes('\n')) return '{' + line + '}';
    return '{\n' + members.map(m => indent + '  ' + m).join(',\n') + '\n' + indent + '}';
  }
  if (s.contentEncoding) return 'string of ' + s.contentEncoding;
  return (s.type || 'any') + (s.minimum === 0 ? ' >= 0' : '');
}

/// The types that a text names, and those that these name.
function typesOf(names) {
  const all = new Map();
  const wanted = [...names];
  while (wanted.length) {
    const name = wanted.pop();
    if (all.has(name)) continue;
    const more = new Set();
    all.set(name, typeText(doc.components.schemas[name], more));
    wanted.push(...more);
  }
  return [...all].map(([name, text]) => name + ' = ' + text).join('\n');
}

/// A value that fits a schema; `all`: with the members that may be absent.
function sample(s, all, depth = 0) {
  s = follow(s);
  if (s.enum) return s.enum[0];
  if (s.anyOf) return sample(s.anyOf[0], all, depth);
  const type = Array.isArray(s.type) ? s.type[0] : s.type;
  if (type === 'object') {
    const o = {};
    if (depth > 4) return o;
    for (const [name, x] of Object.entries(s.properties || {}))
      if (all || (s.required || []).includes(name)) o[name] = sample(x, all, depth + 1);
    if (s.additionalProperties) o.name = sample(s.additionalProperties, all, depth + 1);
    return o;
  }
  if (type === 'array')
    return (s.prefixItems || (depth > 4 ? [] : [s.items || {}])).map(x => sample(x, all, depth + 1));
  if (s.contentEncoding) return 'Ynl0ZXM=';
  return {string: 'text', integer: 1, number: 1.5, boolean: true, null: null}[type] ?? (type ? null : 'any');
}

/// JSON with line breaks, its numbers and strings as they stand.
function pretty(text) {
  let out = '', depth = 0, inString = false;
  const line = () => '\n' + '  '.repeat(depth);
  for (let i = 0; i < text.length; ++i) {
    const c = text[i];
    if (inString) {
      out += c;
      if (c === '\\') out += text[++i];
      else if (c === '"') inString = false;
    } else if (c === '"') {
      inString = true;
      out += c;
    } else if (c === '{' || c === '[') {
      ++depth;
      const end = /^\s*[}\]]/.exec(text.slice(i + 1, i + 9));
      if (end) {
        --depth;
        out += c + text[i += end[0].length];
      } else out += c + line();
    } else if (c === '}' || c === ']') {
      --depth;
      out += line() + c;
    } else if (c === ',') out += c + line();
    else if (c === ':') out += ': ';
    else if (c.trim()) out += c;
  }
  return out;
}

// -- requests --------------------------------------------------------------------------------------

const jsonParameter = p => p.content && p.content['application/json'].schema;
const schemaOf = p => p.schema || jsonParameter(p);

/// A segment that is no literal one, whatever it says.
function segment(text) {
  if (!literals.has(text)) return encodeURIComponent(text);
  return '%' + text.charCodeAt(0).toString(16) + encodeURIComponent(text.slice(1));
}

/// Bare strings that would be read as something else are sent as JSON.
function queryText(p, text) {
  const isText = !jsonParameter(p) && follow(p.schema).type === 'string';
  return isText && (text.startsWith('"') || text === 'null') ? JSON.stringify(text) : text;
}

function urlOf(op, fields) {
  let path = op.path.slice(1);
  const query = [];
  for (const p of op.parameters) {
    const text = fields.get(p.name).value;
    if (p.in === 'path') path = path.replace('{' + p.name + '}', segment(text));
    else if (text !== '' || p.required)
      query.push(p.name + '=' + encodeURIComponent(queryText(p, text)));
  }
  return new URL(path + (query.length ? '?' + query.join('&') : ''), at);
}

async function send(op, form, show) {
  const began = performance.now();
  const options = {method: op.method.toUpperCase(), headers: {}};
  if (by('token').value) options.headers.Authorization = 'Bearer ' + by('token').value;
  if (form.json && form.json.checked) options.headers.Accept = 'application/json';
  if (form.file && form.file.files.length) options.body = form.file.files[0];
  else if (form.body) options.body = form.body.value;
  if (form.body) options.headers['Content-Type'] = form.file ? 'application/octet-stream' : 'application/json';
  try {
    const response = await fetch(urlOf(op, form.fields), options);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const took = (performance.now() - began).toFixed(1);
    const type = response.headers.get('content-type') || '';
    let text = null;
    try {
      text = new TextDecoder('utf-8', {fatal: true}).decode(bytes);
    } catch { /* shown as a link */ }
    const link = () => h('a', {href: URL.createObjectURL(new Blob([bytes])), download: op.operationId},
      bytes.length + ' bytes');
    show.replaceChildren(
      h('p', {}, h('span', {class: response.ok ? 'status' : 'status bad'},
        response.status + ' ' + response.statusText), ' in ' + took + ' ms, ' + bytes.length + ' bytes'),
      h('pre', {}, [...response.headers].map(([name, value]) => name + ': ' + value).join('\n')),
      text === null ? link() : h('pre', {}, type.includes('json') ? pretty(text) : text));
  } catch (e) {
    show.replaceChildren(h('p', {class: 'status bad'}, String(e)));
  }
}

/// A WebSocket cannot carry a header of ours, so the token is one of the protocols it offers.
function connect(op, form, show) {
  const url = urlOf(op, form.fields);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const token = by('token').value;
  const socket = new WebSocket(url, token ? ['beaver', 'bearer.' + token] : []);
  const frames = h('pre', {tabindex: 0});
  const state = h('span', {class: 'status'}, 'connecting');
  let count = 0;
  const line = text => {
    frames.append(text + '\n');
    if (++count > 500) frames.firstChild.remove();
    frames.scrollTop = frames.scrollHeight;
  };
  const out = h('input', {value: '{"pull": 64}', 'aria-label': 'Frame to send'});
  show.replaceChildren(
    h('div', {class: 'go'}, state, out,
      h('button', {type: 'button', onclick: () => {
        if (socket.readyState === WebSocket.OPEN) socket.send(out.value);
      }}, 'Send frame'),
      h('button', {type: 'button', onclick: () => socket.close()}, 'Disconnect')),
    frames);
  socket.onopen = () => { state.textContent = 'connected'; };
  socket.onmessage = e => line(e.data);
  socket.onclose = e => { state.textContent = 'closed: ' + e.code + ' ' + e.reason; };
}

// -- the page --------------------------------------------------------------------------------------

function field(p) {
  const s = follow(schemaOf(p));
  const label = {'aria-label': p.name, name: p.name, required: p.required, spellcheck: 'false'};
  const words = s.enum || (s.type === 'boolean' && [true, false]);
  if (words) return h('select', label, h('option', {value: ''}, ''), ...words.map(w => h('option', {}, String(w))));
  const hint = jsonParameter(p) ? JSON.stringify(sample(schemaOf(p), false)) : s.type;
  return h('input', {...label, placeholder: hint});
}

function parameterTable(op, fields, names) {
  const rows = op.parameters.map(p => {
    const input = field(p);
    fields.set(p.name, input);
    return h('tr', {}, h('td', {}, p.name, p.required ? '' : h('small', {}, ' ?')),
      h('td', {class: 'wide'}, p.in), h('td', {class: 'wide'}, typeText(schemaOf(p), names)),
      h('td', {}, input));
  });
  return h('table', {}, h('tr', {}, h('th', {}, 'Parameter'), h('th', {class: 'wide'}, 'In'),
    h('th', {class: 'wide'}, 'Type'), h('th', {}, 'Value')), ...rows);
}

function responseRows(op, names) {
  return Object.entries(op.responses).map(([status, ref]) => {
    const r = follow(ref);
    const types = Object.entries(r.content || {}).map(([type, c]) =>
      c.schema ? typeText(c.schema, names) : type).join(' or ');
    return h('tr', {}, h('td', {}, status), h('td', {}, r.description), h('td', {}, h('code', {}, types)));
  });
}

/// What is behind an operation; made when it is unfolded first.
function body(op) {
  const names = new Set();
  const form = {fields: new Map()};
  const show = h('div', {role: 'status'});
  const inside = h('div', {});
  const run = h('form', {onsubmit: e => {
    e.preventDefault();
    (op['x-websocket'] ? connect : send)(op, form, show);
  }});
  if (op.parameters.length) run.append(parameterTable(op, form.fields, names));
  const content = op.requestBody && op.requestBody.content;
  if (content && (content['application/json'] || {}).schema) {
    const schema = content['application/json'].schema;
    form.body = h('textarea', {'aria-label': 'Body', spellcheck: 'false'},
      JSON.stringify(sample(schema, false), null, 2));
    run.append(h('h3', {}, 'Body'), h('pre', {}, typeText(schema, names)), form.body);
  } else if (content) {
    form.body = h('textarea', {'aria-label': 'Body as text'});
    form.file = h('input', {type: 'file', 'aria-label': 'Body from a file'});
    run.append(h('h3', {}, 'Body: bytes'), form.body, form.file);
  }
  const reply = follow(op.responses['200'] || {});
  const go = h('div', {class: 'go'}, h('button', {}, op['x-websocket'] ? 'Connect' : 'Send'));
  if (Object.keys(reply.content || {}).length > 1) {
    form.json = h('input', {type: 'checkbox'});
    go.append(h('label', {}, form.json, ' all of it as JSON'));
  }
  run.append(go, show);
  inside.append(run, h('h3', {}, 'Responses'), h('table', {}, ...responseRows(op, names)));
  const schema = op['x-item'] || (reply.content && (reply.content['application/json'] || {}).schema);
  if (op['x-item']) inside.append(h('h3', {}, 'Items'), h('pre', {}, typeText(op['x-item'], names)));
  if (schema)
    inside.append(h('h3', {}, 'Example'), h('pre', {}, JSON.stringify(sample(schema, true), null, 2)));
  if (names.size) inside.append(h('h3', {}, 'Types'), h('pre', {}, typesOf(names)));
  return inside;
}

function row(op) {
  const kind = op['x-websocket'] ? 'stream' : op.method;
  const details = h('details', {class: 'op', id: op.operationId},
    h('summary', {}, h('span', {class: 'verb ' + kind}, kind), h('span', {class: 'path'}, op.path),
      h('span', {class: 'dim'}, op.summary)));
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) details.append(body(op));
  });
  op.element = details;
  return details;
}

function wordsOf(op) {
  const content = op.requestBody && op.requestBody.content['application/json'];
  const members = content && content.schema ? Object.keys(content.schema.properties) : [];
  return [op.method, op.path, op.operationId, op.summary, ...op.tags, ...op.parameters.map(p => p.name),
    ...members].join(' ').toLowerCase();
}

function filter(groups) {
  const wanted = by('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0, total = 0;
  for (const group of groups) {
    let here = 0;
    for (const op of group.ops) {
      const fits = wanted.every(word => op.words.includes(word));
      op.element.hidden = !fits;
      here += fits;
    }
    group.section.hidden = group.link.hidden = !here;
    count += here;
    total += group.ops.length;
  }
  by('found').textContent = count === total ? total + ' operations' : count + ' of ' + total + ' operations';
}

function unfoldTarget() {
  const target = by(decodeURIComponent(location.hash.slice(1)));
  if (!target || target.tagName !== 'DETAILS') return;
  target.open = true;
  target.scrollIntoView();
}

function show() {
  literals = new Set(Object.keys(doc.paths).flatMap(path => path.split('/')));
  by('version').textContent = doc.info.version;
  by('about').textContent = doc.info.description;
  const groups = doc.tags.map(({name}) => ({name, ops: []}));
  for (const [path, methods] of Object.entries(doc.paths))
    for (const [method, op] of Object.entries(methods)) {
      Object.assign(op, {path, method, parameters: op.parameters || []});
      op.words = wordsOf(op);
      groups.find(group => group.name === op.tags[0]).ops.push(op);
    }
  for (const group of groups) {
    const id = 'tag-' + group.name;
    group.section = h('section', {id}, h('h2', {}, group.name), ...group.ops.map(row));
    group.link = h('a', {href: '#' + id}, group.name);
    by('operations').append(group.section);
    by('tags').append(group.link);
  }
  by('search').value = new URLSearchParams(location.search).get('q') || '';
  by('search').addEventListener('input', () => filter(groups));
  filter(groups);
  addEventListener('hashchange', unfoldTarget);
  unfoldTarget();
}

const kept = 'beaver.token';
by('token').value = sessionStorage.getItem(kept) || '';
by('token').addEventListener('input', () => sessionStorage.setItem(kept, by('token').value));
by('tools').addEventListener('submit', e => e.preventDefault());
addEventListener('keydown', e => {
  if (e.key !== '/' || /INPUT|TEXTAREA|SELECT/.test(e.target.tagName)) return;
  e.preventDefault();
  by('search').focus();
});
fetch(at).then(r => r.ok ? r.json() : Promise.reject(new Error('openapi.json: ' + r.status)))
  .then(found => { doc = found; show(); })
  .catch(e => { by('found').textContent = String(e); });
