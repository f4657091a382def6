// Keeps a page and its files, so that it opens again without network: the check-in page, where an open
// visit is ended and sealed, the page of declarations, where passes are shown, or that of a door. Which venue
// somebody visits never comes here: it stands behind the `#`.

const PAGE = /* PAGE */;
const FILES = /* FILES */;
/** What the page holds itself: with another script or style the page is another one. */
const WITHIN = /* WITHIN */;
/** Names of this page's caches begin with this. */
const OWN = `vungxanh-${PAGE}-`;
const NAME = `${OWN}${[...FILES, ...WITHIN].join().split('').reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) | 0, 7)}`;
const BASE = new URL('.', location.href);
/** After so long an answer of the network is not waited for any more. */
const TIMEOUT_MILLISECONDS = 4000;

addEventListener('install', (event) => {
  const files = FILES.map((file) => new URL(file, BASE));
  event.waitUntil(caches.open(NAME)
    .then((cache) => cache.addAll([...files, ...['vi', 'en'].map(address)]))
    .then(() => skipWaiting()));
});

addEventListener('activate', (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith(OWN) && name !== NAME).map((name) => caches.delete(name))))
    .then(() => clients.claim()));
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname === new URL(PAGE, BASE).pathname) event.respondWith(page(request, url));
  else if (url.pathname.startsWith(new URL('assets/', BASE).pathname)) event.respondWith(file(request));
});

function address(language) {
  return new URL(`${PAGE}?lang=${language}`, BASE);
}

async function page(request, url) {
  const fresh = fetch(request);
  const late = new Promise((resolve) => { setTimeout(resolve, TIMEOUT_MILLISECONDS); });
  try {
    const answer = await Promise.race([fresh, late]);
    if (answer) return answer;
  } catch {
    // No network: the stored page.
  }
  const language = url.searchParams.get('lang') ?? (navigator.language.startsWith('en') ? 'en' : 'vi');
  const kept = await caches.match(address(language), { ignoreVary: true });
  return kept ?? fresh;
}

async function file(request) {
  return await caches.match(request, { ignoreVary: true }) ?? fetch(request);
}
