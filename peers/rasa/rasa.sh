#!/bin/sh
# Trains Rasa where data or pipeline changed since the model was made; then serves it, if so asked.
#   rasa.sh PYTHON CONFIG DATA MODELS train|serve [PORT]
# PYTHON: that of an environment with Rasa. DATA: a folder with nlu.yml (xiaoer nlu export). MODELS: a folder for models and what belongs to them.
set -eu
python=$1 config=$2 data=$3 models=$4 task=$5 port=${6:-5005}

export RASA_TELEMETRY_ENABLED=false RASA_CACHE_DIRECTORY="$models/cache" \
    TF_CPP_MIN_LOG_LEVEL=2 PYTHONWARNINGS=ignore SQLALCHEMY_SILENCE_UBER_WARNING=1

test -f "$data/nlu.yml" || { echo "no $data/nlu.yml to learn from; write it with: xiaoer nlu export $data" >&2; exit 1; }
wanted=$("$python" -c 'import importlib.metadata as m; print(m.version("rasa"))' | cat - "$config" "$data/nlu.yml" | cksum)
if [ ! -f "$models/xiaoer.tar.gz" ] || [ "$wanted" != "$(cat "$models/fingerprint" 2>/dev/null)" ]; then
    mkdir -p "$models"
    echo "training Rasa on $data/nlu.yml (a few minutes)"
    "$python" -m rasa train nlu --nlu "$data/nlu.yml" --config "$config" --out "$models" --fixed-model-name xiaoer \
        >"$models/train.log" 2>&1 || { tail -n 20 "$models/train.log" >&2; exit 1; }
    echo "$wanted" >"$models/fingerprint"
fi
[ "$task" = serve ] || exit 0
exec "$python" -m rasa run --enable-api --model "$models/xiaoer.tar.gz" --interface "${RASA_INTERFACE:-127.0.0.1}" --port "$port"
