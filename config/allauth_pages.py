"""allauth's pages on this site: which forms they show, how often they take one. For settings."""

ACCOUNT_FORMS = {
    "login": "accounts.allauth_forms.LoginForm",
    "signup": "accounts.allauth_forms.SignupForm",
    "reauthenticate": "accounts.allauth_forms.ReauthenticateForm",
    # Behind a fresh log-in, which has just asked for the old one.
    "change_password": "allauth.account.forms.SetPasswordForm",
}
MFA_FORMS = {
    "authenticate": "accounts.allauth_forms.AuthenticateForm",
    "reauthenticate": "accounts.allauth_forms.CodeAloneForm",
    "add_webauthn": "accounts.allauth_forms.AddWebAuthnForm",
    "edit_webauthn": "accounts.allauth_forms.EditWebAuthnForm",
}
# Wrong passwords of a network; by account the adapter counts them, with those of the API.
RATE_LIMITS = {"login_failed": "10/m/ip"}
# A class, or a test, shares one address; failed log-ins stay limited.
DEMO_RATE_LIMITS = {**RATE_LIMITS, "login": "300/m/ip"}
