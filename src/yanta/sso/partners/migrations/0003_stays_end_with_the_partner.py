from django.db import migrations

# A session that names a stay as its origin opens only while the stay is there, and holds it until it is written: whoever
# ends the stay meanwhile waits and then finds the session, or was first, and the session does not come about.
FORWARD = """
CREATE FUNCTION partners_session_needs_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM partners_stay WHERE key = NEW.origin FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partners_session_needs_stay BEFORE INSERT ON identity_session
    FOR EACH ROW WHEN (NEW.origin <> '') EXECUTE FUNCTION partners_session_needs_stay();
"""
BACKWARD = """
DROP TRIGGER partners_session_needs_stay ON identity_session;
DROP FUNCTION partners_session_needs_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_stays"), ("identity", "0008_sessions_name_their_origin")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
