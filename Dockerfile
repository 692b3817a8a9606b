# One image for every worker and for the command line. glibc, as Temporal's SDK and the Python wheels need it.
ARG NODE_IMAGE=node:20.20.2-bookworm-slim

FROM ${NODE_IMAGE} AS system
RUN apt-get update \
  && apt-get install --yes --no-install-recommends bubblewrap ca-certificates libgomp1 python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
ENV COPPICE_HOME=/srv/coppice/home \
    COPPICE_STORE=/srv/coppice/runs \
    COPPICE_GRADE=/srv/coppice/grade \
    COPPICE_TASKS=/tasks \
    NODE_ENV=production
WORKDIR /app

FROM system AS build
COPY . .
RUN node scripts/setup.mjs
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM system
COPY --from=build /app /app
COPY --from=build /srv/coppice /srv/coppice
# What the Python environment and the program consist of stays root's; volumes take their owner from these directories.
RUN install -d -o node -g node \
      /srv/coppice/home /srv/coppice/home/logs /srv/coppice/home/work /srv/coppice/runs /srv/coppice/grade /tasks \
  && chmod 700 /srv/coppice/grade
USER node
WORKDIR /tasks
ENTRYPOINT ["node", "/app/bin/coppice.js"]
CMD ["--help"]
