#!/bin/sh
# Teach a player on a second machine that has a graphics card and no network. Each step is one call there.
#
#   here    sh training/run.sh prepare WEIGHTS.gguf       writes build/training/: the weights in pieces, wheels
#   there   sh training/run.sh keep                       once for each piece, with it in place: see the list that is printed
#   there   sh training/run.sh teach NAME [OPTION …]      writes $OUT/lora-*.npz and $OUT/log.txt
#   here    sh training/run.sh export WEIGHTS.gguf FOLDER OUT.gguf [OPTION …]
#
# PYTHON: the Python that has PyTorch. KEPT: where the second machine keeps the pieces.
set -eu
PYTHON=${PYTHON:-python3}
BUILD=build/training
KEPT=${KEPT:-/tmp/pianola-weights}
PIECE=40M # the working tree travels with each call, 64 MiB in all

prepare() {
    rm -rf "$BUILD/pieces" && mkdir -p "$BUILD/pieces" "$BUILD/wheels"
    split -b "$PIECE" -d "$1" "$BUILD/pieces/$(basename "$1" .gguf)."
    # What the image with PyTorch lacks: pyzmq for its Python, and gguf.
    $PYTHON -m pip download --quiet --no-deps --only-binary :all: --dest "$BUILD/wheels" \
        --python-version 3.12 --platform manylinux_2_28_x86_64 --platform manylinux_2_26_x86_64 --platform any pyzmq gguf
    echo "Carry each of these with one call of: sh training/run.sh keep"
    ls "$BUILD"/pieces/*
    echo "Carry $BUILD/wheels with: sh training/run.sh teach $(basename "$1" .gguf)"
}

keep() {
    mkdir -p "$KEPT" && cp "$BUILD"/pieces/* "$KEPT/" && ls -l "$KEPT"
}

teach() {
    name=$1 && shift
    cat "$KEPT/$name".?? >"$KEPT/$name.gguf"
    $PYTHON -m pip install --quiet --no-index --no-deps "$BUILD"/wheels/*.whl
    $PYTHON -m training teach "$KEPT/$name.gguf" "${OUT:-$BUILD/out}" "$@"
}

export_adapter() {
    weights=$1 folder=$2 out=$3 && shift 3
    $PYTHON -m training export "$weights" "$out" "$folder"/lora-*.npz "$@"
}

case ${1:-} in
prepare | keep | teach) step=$1 ;;
export) step=export_adapter ;;
*) sed -n '2,9s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
shift
"$step" "$@"
