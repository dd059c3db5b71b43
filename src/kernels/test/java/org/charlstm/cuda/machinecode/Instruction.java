package org.charlstm.cuda.machinecode;

import module java.base;
import org.charlstm.cuda.machinecode.Cubin.Kernel;

/**
 * An instruction of 128 bits. The upper ones are control codes: how long its warp issues no other, which of the warp's
 * six scoreboards it waits for, and which it sets until it has read its operands or its result is there.
 *
 * @param at its address in the kernel
 * @param conditional whether something decides if it is done
 * @param never whether it is there only to be passed
 * @param target where a branch goes to, or -1
 * @param bits how many a load or store of shared memory moves for each lane
 * @param stall cycles until the warp's next
 * @param written the scoreboard of its result, or NONE
 * @param read the scoreboard of its operands, or NONE
 * @param waits a bit for each scoreboard that it waits for
 * @param left how many of the operations that these count may be left then
 * @param barrier for a barrier of the block its number
 * @param threads for a barrier of the block how many threads it waits for, or 0 for all
 * @param arrives whether it only arrives at a barrier of the block
 * @param words all of it, for what else it says
 */
record Instruction(int at, int opcode, String name, boolean conditional, boolean never, int target, int bits, int stall,
        int written, int read, int waits, int left, int barrier, int threads, boolean arrives, Words words) {
    static final int BYTES = 16;
    static final int NONE = 7;
    /** Of a barrier whose number a register has. */
    static final int BY_REGISTER = 16;
    private static final int FORM_WITH_REGISTER = 0x51d;
    private static final int ALWAYS = 7;
    private static final int NEVER = 15;
    static final int BRANCH = 0x947;
    private static final int UNIFORM_BRANCH = 0x547;
    private static final int HOPPER = 90;
    private static final int INTO_L2 = 1;
    private static final int ARRIVES = 1;

    /** The lower and the upper half. */
    record Words(long low, long high) {
        int bits(int from, int count) {
            return Instruction.bits(from < Long.SIZE ? low : high, from % Long.SIZE, count);
        }

        boolean has(int bit) {
            return bits(bit, 1) != 0;
        }
    }

    static List<Instruction> of(Kernel kernel, int architecture) {
        List<Instruction> instructions = new ArrayList<>();
        ByteBuffer code = kernel.code();
        for (int at = 0; at < code.limit(); at += BYTES) {
            instructions.add(of(at, code.getLong(at), code.getLong(at + 8), architecture));
        }
        return instructions;
    }

    static Instruction of(int at, long low, long high, int architecture) {
        int opcode = bits(low, 0, 12);
        String name = name(opcode, high, architecture);
        int predicate = bits(low, 12, 4);
        boolean branches = opcode == BRANCH || opcode == UNIFORM_BRANCH;
        boolean waitsMore = name.equals("DEPBAR");
        boolean conditional = predicate != ALWAYS || (branches && bits(high, 23, 5) != ALWAYS);
        return new Instruction(at, opcode, name, conditional, predicate == NEVER,
                branches ? at + BYTES + offset(low, high, architecture) : -1,
                name.equals("LDSM") ? 32 << bits(high, 8, 2) : 32 << Math.max(0, bits(high, 9, 3) - 4),
                bits(high, 41, 4), bits(high, 46, 3), bits(high, 49, 3),
                bits(high, 52, 6) | (waitsMore ? 1 << bits(low, 44, 3) : 0), waitsMore ? bits(low, 38, 6) : 0,
                opcode == FORM_WITH_REGISTER ? BY_REGISTER : bits(low, 54, 4), bits(low, 42, 12),
                name.equals("BAR") && bits(high, 13, 3) == ARRIVES, new Words(low, high));
    }

    /** A CCTL's opcode does not tell what it does to the caches. */
    private static String name(int opcode, long high, int architecture) {
        String name = Opcodes.name(opcode, architecture);
        return name.equals("CCTL") && bits(high, 23, 4) == INTO_L2 ? Opcodes.PREFETCH : name;
    }

    private static int bits(long word, int from, int count) {
        return (int) ((word >>> from) & ((1L << count) - 1));
    }

    /** Of words; sm_90 has 8 bits of it elsewhere, below those that older ones have. */
    private static int offset(long low, long high, int architecture) {
        int words = (int) (low >>> 34) | (bits(high, 0, 18) << 30);
        return Integer.BYTES * (architecture < HOPPER ? words : (words << 8) | bits(low, 16, 8));
    }

    boolean is(String wanted) {
        return !never && name.equals(wanted);
    }

    /** Whether another instruction than the next may follow. */
    boolean isBranch() {
        return is("BRA") || is("BRX") || is("CALL");
    }

    /** Whether it asks if an arrival barrier's phase has ended; the branch that follows goes round again. */
    boolean asksForArrival() {
        return is("SYNCS") && written != NONE;
    }

    /** Whether it waits at a barrier of some warps of the block, whose number is not 0, or arrives there. */
    boolean isOfSome(boolean arriving) {
        return is("BAR") && barrier > 0 && arrives == arriving;
    }

    boolean waitsFor(int scoreboard) {
        return scoreboard != NONE && ((waits >> scoreboard) & 1) != 0;
    }

    int index() {
        return at / BYTES;
    }

    /** The addresses at which a warp may go on, passing over calls; none where it ends or returns. */
    List<Integer> next() {
        int following = at + BYTES;
        if (target >= 0) {
            return conditional ? List.of(following, target) : List.of(target);
        }
        return (is("EXIT") || is("RET")) && !conditional ? List.of() : List.of(following);
    }
}
