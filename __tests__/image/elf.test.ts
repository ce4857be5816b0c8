import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { programOf } from '../../src/image/elf.ts'

describe('the head of a program', () => {
  const elf = (machine: number, wide: boolean, little: boolean): Buffer => {
    const head = Buffer.alloc(128)
    head.write('\x7fELF', 'latin1')
    head[4] = wide ? 2 : 1
    head[5] = little ? 1 : 2
    if (little) head.writeUInt16LE(machine, 18)
    else head.writeUInt16BE(machine, 18)
    return head
  }
  test.each([
    [elf(62, true, true), { kind: 'elf', machine: 'amd64' }],
    [elf(183, true, true), { kind: 'elf', machine: 'arm64' }],
    [elf(40, false, true), { kind: 'elf', machine: 'arm' }],
    [elf(22, true, false), { kind: 'elf', machine: 's390x' }],
    [elf(999, true, true), { kind: 'elf', machine: 'e_machine 999' }],
    [
      Buffer.from('#!/usr/bin/env  python3 -u\nx'),
      { kind: 'script', interpreter: '/usr/bin/env', argument: 'python3 -u' },
    ],
    [Buffer.from('#!/bin/sh\n'), { kind: 'script', interpreter: '/bin/sh' }],
    [Buffer.from('#!\n'), { kind: 'unknown' }],
    [Buffer.from('\x7fEL'), { kind: 'unknown' }],
    [Buffer.alloc(0), { kind: 'unknown' }],
  ])('%#', (head, expected) => {
    expect(programOf(head)).toEqual(expected)
  })
  test('never makes the reader fail', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void programOf(Buffer.from(bytes))))
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 300 }), fc.boolean(), (bytes, wide) => {
        const head = Buffer.from(bytes)
        head.write('\x7fELF', 'latin1')
        head[4] = wide ? 2 : 1
        programOf(head)
      }),
    )
  })
})
