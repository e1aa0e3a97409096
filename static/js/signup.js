// @ts-check
/**
 * Sign-up fills in the browser's time zone, so that times are right from the first page; a passkey
 * button only where there are passkeys.
 */

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll("input[name=time_zone]")) {
  /** @type {HTMLInputElement} */ (field).value = zone;
}

const passkey = /** @type {HTMLElement | null} */ (document.getElementById("passkey_login"));
if (passkey && !("credentials" in navigator && "PublicKeyCredential" in window))
  passkey.hidden = true;
