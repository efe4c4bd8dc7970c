FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN useradd --system --create-home --uid 10001 liangxing \
    && mkdir -p /app/var/static /app/var/files /app/var/run \
    && chown -R liangxing /app/var

COPY requirements/run.txt requirements/run.txt
RUN pip install --disable-pip-version-check --require-hashes --no-deps -r requirements/run.txt

COPY . .
# The key and the address only let the settings load; nothing made here depends on them.
RUN python -m config.local translations \
    && SECRET_KEY=build DATABASE_URL=postgres://build@localhost/build \
       python manage.py collectstatic --no-input -v 0

USER liangxing
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "gthread", "--workers", "2", "--threads", "4", \
     "--max-requests", "2000", "--max-requests-jitter", "200", "--no-control-socket"]
