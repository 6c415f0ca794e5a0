"""The record is added to and never changed: the databases themselves refuse everything else."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = ("id", "tenant_id", "person_id", "attempt_id", "at", "kind", "actor")
CHANGED = "the record is never changed: add a line that says what is right"
DELETED = "the record is never deleted from: see docs/record.md on retention"
COVERED = """EXISTS (SELECT 1 FROM purge p WHERE p.tenant_id = OLD.tenant_id AND p.person_id = OLD.person_id
    AND OLD.id <= p.last_id)"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_postgresql()
    else:
        _upgrade_sqlite()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("interaction", "seal", "purge"):
            op.execute(f"DROP TRIGGER {table}_stays ON {table}")
            op.execute(f"DROP TRIGGER {table}_is_not_emptied ON {table}")
        op.execute("DROP FUNCTION record_stays")
        op.execute("DROP FUNCTION record_refuses")
    else:
        for table in ("interaction", "seal", "purge"):
            op.execute(f"DROP TRIGGER {table}_is_not_changed")
            op.execute(f"DROP TRIGGER {table}_is_not_deleted")


def _upgrade_postgresql() -> None:
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in COLUMNS)
    op.execute(f"""
        CREATE FUNCTION record_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'UPDATE' THEN
            IF OLD.n IS NULL AND NEW.n IS NOT NULL AND {same} AND NEW.detail::text = OLD.detail::text THEN
              RETURN NEW;
            END IF;
            RAISE EXCEPTION '{CHANGED}';
          END IF;
          IF {COVERED} THEN
            RETURN OLD;
          END IF;
          RAISE EXCEPTION '{DELETED}';
        END $$
    """)
    op.execute(f"""
        CREATE FUNCTION record_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '{DELETED}';
        END $$
    """)
    op.execute(
        "CREATE TRIGGER interaction_stays BEFORE UPDATE OR DELETE ON interaction"
        " FOR EACH ROW EXECUTE FUNCTION record_stays()"
    )
    for table in ("seal", "purge"):
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION record_refuses()"
        )
    for table in ("interaction", "seal", "purge"):
        op.execute(
            f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION record_refuses()"
        )


def _upgrade_sqlite() -> None:
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in (*COLUMNS, "detail"))
    unless = {
        "interaction": (f"NOT (OLD.n IS NULL AND NEW.n IS NOT NULL AND {same})", f"NOT {COVERED}"),
        "seal": ("1", "1"),
        "purge": ("1", "1"),
    }
    for table, (changed, deleted) in unless.items():
        op.execute(
            f"CREATE TRIGGER {table}_is_not_changed BEFORE UPDATE ON {table} WHEN {changed}"
            f" BEGIN SELECT RAISE(ABORT, '{CHANGED}'); END"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_not_deleted BEFORE DELETE ON {table} WHEN {deleted}"
            f" BEGIN SELECT RAISE(ABORT, '{DELETED}'); END"
        )
