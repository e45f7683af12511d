;; Looks at sixteen bytes of a block at once (SIMD): look.ts says what is asked
;; and lays the bytes out. `deno task look` makes look_bytes.ts of this file.
;;
;; A byte is compared with those before it by loading sixteen bytes again, from
;; one, two and three bytes earlier. So at least three bytes must come before the
;; first, and what is read after the last is part of the answer: a line feed and
;; zeros, at the end of the block.
;;
;; Whether it is UTF-8 is told as in J. Keiser and D. Lemire, "Validating UTF-8 in
;; less than one instruction per byte" (2021). Three halves of two bytes that
;; follow each other tell a fault: the high and the low half of the first, and
;; the high half of the second. For each half a table has the faults that it may
;; be a part of. A fault is there where all three tables have it:
;;
;;   01  the first begins a character that the second does not continue
;;   02  the first is ASCII, and the second is a continuation
;;   04  E0, and 80 to 9F: has a shorter form
;;   08  F4 and above, and 90 to BF: above U+10FFFF
;;   10  ED, and A0 to BF: a surrogate
;;   20  C0 or C1, and a continuation: has a shorter form
;;   40  F0, and 80 to 8F: has a shorter form; or F5 and above, and the same
;;   80  two continuations, a fault only where the second is not due; where one is
;;       due as a third or fourth byte, it is a fault that there are not two
(module
  ;; The word is at 0. The rest has room for a part of the block.
  (memory (export "memory") 2)

  ;; Whether the line that begins at $at is just the word, before LF or CR LF.
  (func $isWord (param $at i32) (param $wordLength i32) (result i32)
    (local $index i32)
    (block $same
      (loop $next
        (br_if $same (i32.eq (local.get $index) (local.get $wordLength)))
        (if (i32.ne
            (i32.load8_u (local.get $at))
            (i32.load8_u (local.get $index)))
          (then (return (i32.const 0))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $next)))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x0d))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x0a)))

  ;; Looks at the bytes from $start to before $end, which is later, and beyond it
  ;; to a multiple of sixteen. After these there is what a word needs that begins
  ;; before $end.
  ;;
  ;; Gives whether all is UTF-8, how many line feeds there are, and where the first
  ;; line that is just the word begins, or 0 (the word is there, not the block).
  (func (export "look")
    (param $start i32) (param $end i32) (param $wordLength i32)
    (result i32 i32 i32)
    (local $at i32) ;; where the sixteen bytes begin
    (local $bytes v128)
    (local $before v128) ;; for each of the bytes the one before it
    (local $before2 v128)
    (local $before3 v128)
    (local $after v128) ;; for each the one that is as much later as a word is long
    (local $told v128) ;; the faults that two bytes tell
    (local $due v128) ;; 80 where the byte is to be a second continuation
    (local $faults v128) ;; all that were found
    (local $lineFeed v128)
    (local $first v128) ;; the first byte of the word
    (local $lowHalf v128)
    (local $highBit v128)
    (local $byHighOfFirst v128)
    (local $byLowOfFirst v128)
    (local $byHighOfSecond v128)
    (local $lineFeeds i32)
    (local $starts i32) ;; a bit for each line that begins as the word does
    (local $line i32)
    (local.set $lineFeed (i8x16.splat (i32.const 0x0a)))
    (local.set $first (i8x16.splat (i32.load8_u (i32.const 0))))
    (local.set $lowHalf (i8x16.splat (i32.const 0x0f)))
    (local.set $highBit (i8x16.splat (i32.const 0x80)))
    ;; 0 to 7 is ASCII, 8 to B a continuation, C to F begin a character.
    (local.set $byHighOfFirst (v128.const i8x16
      0x02 0x02 0x02 0x02 0x02 0x02 0x02 0x02
      0x80 0x80 0x80 0x80 0x21 0x01 0x15 0x49))
    (local.set $byLowOfFirst (v128.const i8x16
      0xe7 0xa3 0x83 0x83 0x8b 0xcb 0xcb 0xcb
      0xcb 0xcb 0xcb 0xcb 0xcb 0xdb 0xcb 0xcb))
    (local.set $byHighOfSecond (v128.const i8x16
      0x01 0x01 0x01 0x01 0x01 0x01 0x01 0x01
      0xe6 0xae 0xba 0xba 0x01 0x01 0x01 0x01))
    (local.set $at (local.get $start))
    (loop $next
      (local.set $bytes (v128.load (local.get $at)))
      (local.set $before
        (v128.load (i32.sub (local.get $at) (i32.const 1))))

      (local.set $lineFeeds (i32.add
        (local.get $lineFeeds)
        (i32.popcnt (i8x16.bitmask
          (i8x16.eq (local.get $bytes) (local.get $lineFeed))))))

      (local.set $starts (i8x16.bitmask (v128.and
        (i8x16.eq (local.get $before) (local.get $lineFeed))
        (i8x16.eq (local.get $bytes) (local.get $first)))))
      (if (local.get $starts)
        (then
          ;; All but those that could end as it does, with LF or CR, are left out.
          (local.set $after
            (v128.load (i32.add (local.get $at) (local.get $wordLength))))
          (local.set $starts (i32.and
            (local.get $starts)
            (i8x16.bitmask (v128.or
              (i8x16.eq (local.get $after) (local.get $lineFeed))
              (i8x16.eq
                (local.get $after) (i8x16.splat (i32.const 0x0d)))))))
          (block $noStart
            (loop $nextStart
              (br_if $noStart (i32.eqz (local.get $starts)))
              (br_if $noStart (local.get $line))
              (local.set $line
                (i32.add (local.get $at) (i32.ctz (local.get $starts))))
              (if (i32.eqz
                  (call $isWord (local.get $line) (local.get $wordLength)))
                (then (local.set $line (i32.const 0))))
              ;; Clears the lowest bit that is set.
              (local.set $starts (i32.and
                (local.get $starts)
                (i32.sub (local.get $starts) (i32.const 1))))
              (br $nextStart)))))

      (local.set $before3
        (v128.load (i32.sub (local.get $at) (i32.const 3))))
      ;; ASCII has no high bit.
      (if (i8x16.bitmask (v128.or (local.get $bytes) (local.get $before3)))
        (then
          (local.set $before2
            (v128.load (i32.sub (local.get $at) (i32.const 2))))
          (local.set $told (v128.and
            (v128.and
              (i8x16.swizzle
                (local.get $byHighOfFirst)
                (i8x16.shr_u (local.get $before) (i32.const 4)))
              (i8x16.swizzle
                (local.get $byLowOfFirst)
                (v128.and (local.get $before) (local.get $lowHalf))))
            (i8x16.swizzle
              (local.get $byHighOfSecond)
              (i8x16.shr_u (local.get $bytes) (i32.const 4)))))
          ;; A third byte is due two after E0 and above, a fourth three after F0
          ;; and above: the differences are at least 80 there.
          (local.set $due (v128.and
            (v128.or
              (i8x16.sub_sat_u
                (local.get $before2) (i8x16.splat (i32.const 0x60)))
              (i8x16.sub_sat_u
                (local.get $before3) (i8x16.splat (i32.const 0x70))))
            (local.get $highBit)))
          (local.set $faults (v128.or
            (local.get $faults)
            (v128.xor (local.get $told) (local.get $due))))))

      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (i32.eqz (v128.any_true (local.get $faults)))
    (local.get $lineFeeds)
    (local.get $line)))
