// @ts-check

/**
 * The token that Django asks for with every request that changes something.
 *
 * From the cookie and not from a value in the page: it changes at log-in, and a document lives
 * longer than that.
 */
export function csrfToken() {
  const pair = document.cookie.split("; ").find((item) => item.startsWith("csrftoken="));
  return pair ? decodeURIComponent(pair.slice("csrftoken=".length)) : "";
}
