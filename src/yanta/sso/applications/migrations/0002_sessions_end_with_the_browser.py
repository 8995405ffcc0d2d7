from django.db import migrations

# However a browser's session vanishes (signed out, expired, account locked, ended by another page or by SQL), what was
# entered with it ends in the same statement. One statement-level trigger costs nothing where nothing was entered.
FORWARD = """
CREATE FUNCTION applications_end_sso_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE applications_ssosession AS sso
    SET ended_at = now(), updated_at = now(),
        ending = CASE WHEN gone.expires_at <= now() THEN 'expired' ELSE 'signed_out' END
    FROM gone WHERE sso.session_id = gone.id AND sso.ended_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER applications_end_sso_sessions AFTER DELETE ON identity_session
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION applications_end_sso_sessions();
"""
BACKWARD = """
DROP TRIGGER applications_end_sso_sessions ON identity_session;
DROP FUNCTION applications_end_sso_sessions();
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0001_initial"), ("identity", "0002_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
