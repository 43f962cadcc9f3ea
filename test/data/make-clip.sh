#!/bin/sh
# Makes clip.wav: Debian's `festival`, `festvox-us-slt-hts` and `sox` must be installed.
# No dither and no clock, so the same versions of the three give the same bytes.
set -eu
cd "$(dirname "$0")"
raw=$(mktemp --suffix=.wav)
trap 'rm -f "$raw"' EXIT
text2wave -eval "(voice_cmu_us_slt_arctic_hts)" -o "$raw" clip.txt
sox -D "$raw" --rate 16000 --channels 1 --bits 16 clip.wav norm -3
