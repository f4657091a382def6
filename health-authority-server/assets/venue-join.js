// The code of an invitation, out of the address that the manager's QR code holds. It stands behind the #, which browsers
// send to no server; it is filled in, and used when the person presses the button.

const code = decodeURIComponent(location.hash.slice(1));
const field = document.getElementById('code');
if (/^[0-9A-Za-z-]{1,40}$/.test(code) && !field.value) {
  field.value = code;
  document.getElementById('from-code').hidden = false;
  history.replaceState(null, '', location.pathname + location.search);
  field.form.querySelector('button').focus();
}
document.documentElement.dataset.ready = 'yes';
