# A weak function for each name of a list: it says that the call is not simulated, and answers so. Where a shim defines
# the name, the linker takes that. build.sh adds a line "absent NAME" for each.
.section .note.GNU-stack, "", @progbits
.text
.hidden charlstm_absent

# The status is in eax. Old functions of cuBLAS give a real or complex number in xmm0 and xmm1 instead: theirs is NaN.
answer:
  sub $8, %rsp
  call charlstm_absent
  pcmpeqd %xmm0, %xmm0
  pcmpeqd %xmm1, %xmm1
  add $8, %rsp
  ret

.macro absent name
  .weak \name
  .type \name, @function
\name:
  lea 1f(%rip), %rdi
  jmp answer
  .pushsection .rodata.str1.1, "aMS", @progbits, 1
1:
  .asciz "\name"
  .popsection
.endm

# An older name of a function, from a line OLD = NEW.
.macro older name now
  .globl \name
  .type \name, @function
\name:
  jmp \now@PLT
.endm

