// What the officer's worker asks the server: with the session's cookie, and nothing that was opened.

/** An error that the page has words for. */
export function coded(code, status) {
  return Object.assign(new Error(code), { code, status });
}

async function send(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: 'same-origin', redirect: 'manual', cache: 'no-store', ...options });
  } catch (error) {
    throw Object.assign(error, { code: 'network' });
  }
  // To the form for logging in.
  if (response.type === 'opaqueredirect' || response.status === 401) throw coded('session');
  return response;
}

async function refused(response) {
  let name = '';
  try {
    name = (await response.json()).error ?? '';
  } catch {
    // A page, or what stands between us and the server.
  }
  return coded(KNOWN.includes(name) ? name : 'refused', response.status);
}
const KNOWN = ['not-an-officer', 'no-key', 'other-version', 'unknown-officer'];

/** What is at `url`: bytes, or JSON; of an open file null where there is none. */
export async function get(url, { json = false, open = false, cached = false, version = false } = {}) {
  const response = await send(url, open ? { credentials: 'omit' } : cached ? { cache: 'default' } : {});
  if (open && response.status === 404) return null;
  if (!response.ok) throw await refused(response);
  try {
    if (json) return await response.json();
    const bytes = new Uint8Array(await response.arrayBuffer());
    return version ? { bytes, version: Number(response.headers.get('x-register-version')) } : bytes;
  } catch (error) {
    throw Object.assign(error, { code: 'network' });
  }
}

/** The body of an answer, to be read as it comes. */
export async function stream(url) {
  const response = await send(url);
  if (!response.ok) throw await refused(response);
  return response.body.getReader();
}

/** Sends a body; the answer's JSON. */
export async function post(url, csrf, body, kind) {
  const response = await send(url, { method: 'POST', headers: { 'content-type': kind, 'x-csrf-token': csrf }, body });
  if (!response.ok) throw await refused(response);
  return response.json();
}
