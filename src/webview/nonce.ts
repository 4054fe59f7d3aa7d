/**
 * FAST, under the toolkit, learns what the browser can do from a `<style>` element it adds, and takes the nonce that the
 * page's policy asks for from this `<meta>`. Must be imported before the toolkit.
 */
const nonce = document.currentScript?.nonce;
if (nonce) {
  const meta = document.createElement("meta");
  meta.setAttribute("property", "csp-nonce");
  meta.setAttribute("content", nonce);
  document.head.append(meta);
}
