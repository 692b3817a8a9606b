#!/bin/sh
# Makes the namespace with its retention and the search attributes that are wanted, and waits until all of it is in
# use. Can run before each start; a changed retention is taken over.
#   TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, RETENTION   such as 720h
#   SEARCH_ATTRIBUTES                                 such as "Team=Keyword Cost=Double"; may be empty
set -eu

PATIENCE_SECONDS=120

# The server needs some seconds for anything that is new.
until_succeeds() {
  deadline=$(($(date +%s) + PATIENCE_SECONDS))
  until "$@" >/dev/null 2>&1; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
      echo "In vain for $PATIENCE_SECONDS seconds: $*" >&2
      "$@" || exit 1
      return
    fi
    sleep 1
  done
}

make_search_attribute() {
  if ! temporal operator search-attribute list | grep -q "^ *$1 "; then
    temporal operator search-attribute create --name "$1" --type "$2"
  fi
}

until_succeeds temporal operator cluster health

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION" >/dev/null
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION" >/dev/null
fi
until_succeeds temporal workflow count

for wanted in ${SEARCH_ATTRIBUTES:-}; do
  make_search_attribute "${wanted%%=*}" "${wanted#*=}"
done
echo "Namespace $TEMPORAL_NAMESPACE is ready, closed runs stay for $RETENTION."
