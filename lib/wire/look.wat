;; Looks at sixteen bytes of a block at once (SIMD): look.ts says what is asked
;; and lays the bytes out. `deno task look` makes look_bytes.ts of this file.
;;
;; A byte is compared with those before it by loading sixteen bytes again, from
;; one, two and three bytes earlier. So at least three bytes must come before the
;; first, and what is read after the last is part of the answer: zeros, at the end
;; of the block.
(module
  ;; The word is at 0. The rest has room for a part of the block.
  (memory (export "memory") 2)

  ;; Whether the line that begins at $at is just the word, before its ending (LF,
  ;; CR LF) or the end of the block.
  (func $isWord (param $at i32) (param $wordLength i32) (param $blockEnd i32)
    (result i32)
    (local $index i32)
    (if (i32.gt_u
        (i32.add (local.get $at) (local.get $wordLength))
        (local.get $blockEnd))
      (then (return (i32.const 0))))
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
    (if (i32.eq (local.get $at) (local.get $blockEnd))
      (then (return (i32.const 1))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x0d)) ;; CR
      (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (i32.and
      (i32.lt_u (local.get $at) (local.get $blockEnd))
      (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x0a)))) ;; LF

  ;; Looks at the bytes from $start to before $end, which is later, and beyond it
  ;; to a multiple of sixteen. Before $blockEnd the block may go on with what a
  ;; word that begins before $end needs.
  ;;
  ;; Gives whether all is UTF-8, how many line feeds there are, and where the first
  ;; line that is just the word begins, or 0 (the word is there, not the block).
  (func (export "look")
    (param $start i32) (param $end i32) (param $wordLength i32)
    (param $blockEnd i32)
    (result i32 i32 i32)
    (local $at i32) ;; where the sixteen bytes begin
    (local $bytes v128)
    (local $before v128) ;; for each of the bytes the one before it
    (local $before2 v128)
    (local $before3 v128)
    (local $due v128)
    (local $wrong v128) ;; the high bit of each byte: what was not UTF-8
    (local $lineFeeds i32)
    (local $starts i32) ;; a bit for each line that begins as the word does
    (local $line i32)
    (local.set $at (local.get $start))
    (loop $next
      (local.set $bytes (v128.load (local.get $at)))
      (local.set $before
        (v128.load (i32.sub (local.get $at) (i32.const 1))))

      (local.set $lineFeeds (i32.add
        (local.get $lineFeeds)
        (i32.popcnt (i8x16.bitmask (i8x16.eq
          (local.get $bytes)
          (i8x16.splat (i32.const 0x0a)))))))

      (local.set $starts (i8x16.bitmask (v128.and
        (i8x16.eq (local.get $before) (i8x16.splat (i32.const 0x0a)))
        (i8x16.eq
          (local.get $bytes)
          (i8x16.splat (i32.load8_u (i32.const 0)))))))
      (block $noStart
        (loop $nextStart
          (br_if $noStart (i32.eqz (local.get $starts)))
          (br_if $noStart (local.get $line))
          (local.set $line
            (i32.add (local.get $at) (i32.ctz (local.get $starts))))
          (if (i32.eqz (call $isWord
              (local.get $line) (local.get $wordLength) (local.get $blockEnd)))
            (then (local.set $line (i32.const 0))))
          ;; Clears the lowest bit that is set.
          (local.set $starts (i32.and
            (local.get $starts)
            (i32.sub (local.get $starts) (i32.const 1))))
          (br $nextStart)))

      (local.set $before3
        (v128.load (i32.sub (local.get $at) (i32.const 3))))
      ;; ASCII has no high bit.
      (if (i8x16.bitmask (v128.or (local.get $bytes) (local.get $before3)))
        (then
          (local.set $before2
            (v128.load (i32.sub (local.get $at) (i32.const 2))))
          ;; A continuation is due one byte after C0 and above, two after E0 and
          ;; above, three after F0 and above: the differences are at least 80, so
          ;; they have the high bit, from there on.
          (local.set $due (v128.or
            (i8x16.sub_sat_u
              (local.get $before) (i8x16.splat (i32.const 0x40)))
            (v128.or
              (i8x16.sub_sat_u
                (local.get $before2) (i8x16.splat (i32.const 0x60)))
              (i8x16.sub_sat_u
                (local.get $before3) (i8x16.splat (i32.const 0x70))))))
          ;; Continuations, 80 to BF, are the lowest bytes where these are signed.
          (local.set $wrong (v128.or (local.get $wrong) (v128.xor
            (local.get $due)
            (i8x16.lt_s
              (local.get $bytes) (i8x16.splat (i32.const 0xc0))))))
          ;; C0 and C1 begin nothing, nor do F5 and above.
          (local.set $wrong (v128.or (local.get $wrong) (i8x16.eq
            (v128.and (local.get $bytes) (i8x16.splat (i32.const 0xfe)))
            (i8x16.splat (i32.const 0xc0)))))
          (local.set $wrong (v128.or (local.get $wrong) (i8x16.sub_sat_u
            (local.get $bytes) (i8x16.splat (i32.const 0x75)))))
          ;; Not every continuation may come after E0, ED, F0 and F4.
          (local.set $wrong (v128.or (local.get $wrong) (v128.and
            (i8x16.eq (local.get $before) (i8x16.splat (i32.const 0xe0)))
            (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 0xa0))))))
          (local.set $wrong (v128.or (local.get $wrong) (v128.and
            (i8x16.eq (local.get $before) (i8x16.splat (i32.const 0xed)))
            (i8x16.ge_u (local.get $bytes) (i8x16.splat (i32.const 0xa0))))))
          (local.set $wrong (v128.or (local.get $wrong) (v128.and
            (i8x16.eq (local.get $before) (i8x16.splat (i32.const 0xf0)))
            (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 0x90))))))
          (local.set $wrong (v128.or (local.get $wrong) (v128.and
            (i8x16.eq (local.get $before) (i8x16.splat (i32.const 0xf4)))
            (i8x16.ge_u
              (local.get $bytes) (i8x16.splat (i32.const 0x90))))))))

      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (i32.eqz (i8x16.bitmask (local.get $wrong)))
    (local.get $lineFeeds)
    (local.get $line)))
