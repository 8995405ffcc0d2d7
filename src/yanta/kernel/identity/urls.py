from django.urls import path

from yanta.kernel.identity.gate import duty_page, public_page
from yanta.kernel.identity.views import activation, checks, doors, own, passkeys, texts

urlpatterns = [
    path("sign-in/", public_page(doors.SignInView.as_view()), name="sign-in"),
    path("sign-in/second-factor/", public_page(doors.SecondFactorView.as_view()), name="second-factor"),
    path("sign-in/second-factor/challenge/", public_page(passkeys.factor_challenge), name="factor-challenge"),
    path("sign-in/passkey/", public_page(passkeys.PasskeySignInView.as_view()), name="passkey-sign-in"),
    path("sign-in/passkey/challenge/", public_page(passkeys.sign_in_challenge), name="passkey-challenge"),
    path("sign-in/text/", public_page(texts.TextSignInView.as_view()), name="text-sign-in"),
    path("recover/", public_page(texts.RecoverView.as_view()), name="recover"),
    path("recover/password/", public_page(texts.RecoverPasswordView.as_view()), name="recover-password"),
    path("sign-out/", public_page(doors.sign_out), name="sign-out"),
    path("activate/", public_page(activation.ActivateView.as_view()), name="activate"),
    path("activate/password/", public_page(activation.FirstPasswordView.as_view()), name="first-password"),
    path("reset/<str:code>/", public_page(activation.ResetPasswordView.as_view()), name="reset-password"),
    path("acting-as/", own.act_as, name="acting-as"),
    path("account-checks/<int:pk>/", checks.CheckView.as_view(), name="account-check"),
    path("account/", own.AccountView.as_view(), name="account"),
    path("account/password/", duty_page(own.ChangePasswordView.as_view()), name="change-password"),
    path("account/second-factor/", duty_page(own.EnrolFactorView.as_view()), name="enrol-factor"),
    path("account/passkeys/", duty_page(passkeys.EnrolPasskeyView.as_view()), name="enrol-passkey"),
    path("account/passkeys/challenge/", duty_page(passkeys.enrolment_challenge), name="enrolment-challenge"),
    path("account/passkeys/<int:pk>/remove/", passkeys.remove_passkey, name="remove-passkey"),
    path("account/recovery-codes/", own.RecoveryCodesView.as_view(), name="recovery-codes"),
    path("account/sessions/", own.end_session, name="end-session"),
    path("account/tokens/", own.TokenView.as_view(), name="issue-own-token"),
    path("account/tokens/<int:pk>/revoke/", own.revoke_own_token, name="revoke-own-token"),
]
