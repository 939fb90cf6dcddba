/**
 * What the pods of backups run: a script for the shell of any image with PostgreSQL's client programs, BusyBox's included. It is
 * called with `backup`, or with `restore` and a backup's name, and says what came of it as JSON where Kubernetes reads a container's
 * last words. Nothing of it is made of what a claim says: all that comes by the environment.
 */
import { backupNamePattern, mostBackupsNamed } from "../claim/names";

/** How long a dump waits for a table that someone has locked, and a restore for those who use the database. */
const lockTimeoutMs = 300_000;
/** A backup that was cut short leaves its folder, which is removed after so long: no Job runs for a day. */
const partialMinutes = 1440;

export const backupScript = `set -eu
umask 077
report=\${REPORT_FILE:-/dev/termination-log}
partial=
clear_partial() { if [ -n "$partial" ]; then rm -rf "$partial"; fi; }
trap clear_partial EXIT
trap 'exit 143' TERM INT
fail() { echo "$1" >&2; exit 1; }

# Names of the whole backups, the newest first.
names() { ls -1 "$BACKUP_FOLDER" | grep -E '^${backupNamePattern}$' | sort -r || true; }

# A JSON array of the newest names.
named() { names | head -n ${mostBackupsNamed} | sed 's/.*/"&"/' | tr '\\n' ',' | sed 's/,$//'; }

# A name that no other backup has, and the hidden folder that is to get it: two may begin in the same second.
begin() {
  while :; do
    name=$(date -u +%Y%m%dT%H%M%SZ)
    hidden="$BACKUP_FOLDER/.$name.partial"
    if [ ! -e "$BACKUP_FOLDER/$name" ] && [ ! -e "$hidden" ]; then
      mkdir "$hidden"
      partial=$hidden
      if [ ! -e "$BACKUP_FOLDER/$name" ]; then return; fi
      clear_partial
    fi
    sleep 1
  done
}

# Makes a backup under a hidden name, and gives it its own once it is whole and can be read.
back_up() {
  begin
  pg_dump --no-password --format=custom --lock-wait-timeout=${lockTimeoutMs} --file="$partial/database.dump"
  # Roles without passwords, for people: the module makes the roles that it needs.
  if ! pg_dumpall --no-password --globals-only --no-role-passwords --database="$PGDATABASE" --file="$partial/globals.sql"; then
    rm -f "$partial/globals.sql"
    echo "globals.sql is left out: this role may not read it"
  fi
  pg_restore --list "$partial/database.dump" >"$partial/contents.txt"
  (cd "$partial" && sha256sum ./* >.checksums && mv .checksums SHA256SUMS)
  sync
  mv "$partial" "$BACKUP_FOLDER/$name"
  partial=
}

# Removes backups that are older than they are kept for, and what was cut short. The newest is never one of them.
prune() {
  oldest=$(date -u -d "@$(($(date +%s) - RETENTION_DAYS * 86400))" +%Y%m%dT%H%M%SZ)
  for old in $(names | sed 1d); do
    if expr "$old" '<' "$oldest" >/dev/null; then
      echo "removes $old: it is older than $RETENTION_DAYS days"
      rm -rf "\${BACKUP_FOLDER:?}/$old"
    fi
  done
  find "$BACKUP_FOLDER" -maxdepth 1 -name '.*.partial' -mmin +${partialMinutes} -exec rm -rf {} +
}

# Puts all that the owner has back as it was, in one transaction: others see the old database or the restored one.
restore() {
  asked=$1
  if [ "$asked" = latest ]; then asked=$(names | head -n 1); fi
  [ -n "$asked" ] || fail "there is no backup in $BACKUP_PLACE"
  folder="$BACKUP_FOLDER/$asked"
  [ -d "$folder" ] || fail "backup $asked is not in $BACKUP_PLACE; there are: $(names | head -n 10 | tr '\\n' ' ')"
  (cd "$folder" && sha256sum -c SHA256SUMS >/dev/null) || fail "backup $asked is damaged: a file does not fit its checksum; the database is as it was"
  back_up
  echo "made backup $name of what is there"
  contents="\${TMPDIR:-/tmp}/contents"
  # An extension's comment is its own, and not the owner's to set.
  pg_restore --list "$folder/database.dump" | sed '/ COMMENT - EXTENSION /d' >"$contents"
  # pg_restore's own COMMIT ends the transaction that is begun before it: where it breaks off, nothing has happened, and psql, which
  # knows no better, says nothing. Its BEGIN is a second one, which PostgreSQL warns of.
  said=$({
    echo "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${lockTimeoutMs}; DROP OWNED BY CURRENT_USER CASCADE;"
    pg_restore --single-transaction --no-owner --use-list="$contents" --file=- "$folder/database.dump" && printf '%s\\n' '\\echo restored'
  } | psql --no-password --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null) || fail "backup $asked could not be put back; the database is as it was, and is in backup $name too"
  [ "$said" = restored ] || fail "backup $asked could not be read to its end; the database is as it was"
  PGOPTIONS='-c client_min_messages=error' psql --no-password --no-psqlrc --quiet --output=/dev/null --command=ANALYZE || echo "ANALYZE failed: the planner learns of the data by and by"
}

case "$1" in
  backup)
    back_up
    prune
    bytes=$(($(wc -c <"$BACKUP_FOLDER/$name/database.dump")))
    printf '{"backup":"%s","bytes":%s,"available":[%s]}' "$name" "$bytes" "$(named)" >"$report"
    ;;
  restore)
    restore "$2"
    printf '{"restored":"%s","safety":"%s","available":[%s]}' "$asked" "$name" "$(named)" >"$report"
    ;;
esac
`;
