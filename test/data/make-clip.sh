#!/bin/sh
# Makes clip.wav from the sentences of clip.txt, one a line, with a pause after each.
# Debian's `festival`, `festvox-us-slt-hts` and `sox` must be installed. No dither and no clock, so the same versions of
# the three give the same bytes.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
while read -r sentence; do
  count=$((count + 1))
  echo "$sentence" | text2wave -eval "(voice_cmu_us_slt_arctic_hts)" -o "$work/spoken.wav"
  sox -D "$work/spoken.wav" --rate 16000 --channels 1 --bits 16 "$work/$count.wav" pad 0 0.35
done <clip.txt
sox -D "$work"/[0-9]*.wav clip.wav norm -3
