package org.charlstm.cuda.machinecode;

import module java.base;
import org.charlstm.cuda.machinecode.Instruction.Words;

/**
 * The sources a, b and c of an instruction of arithmetic. Three bits of its opcode say which of b and c is no register
 * of the thread, but a constant, a number or a register of the warp; then its 32 bits lie where b's are, and the
 * other's register where c's is.
 */
record Operands(Source a, Source b, Source c) {
    /** The register that is always 0. */
    static final int ZERO = 255;
    private static final int ZERO_OF_WARP = 63;

    enum Kind {
        REGISTER, OF_WARP, NUMBER, CONSTANT
    }

    /**
     * @param value of a register its number
     * @param negative whether it is subtracted
     */
    record Source(Kind kind, int value, boolean negative) {
        boolean isRegister() {
            return kind == Kind.REGISTER && value != ZERO;
        }
    }

    /** @param ofWarp whether its registers are those of the warp */
    static Operands of(Instruction instruction, boolean ofWarp) {
        Words words = instruction.words();
        Source a = register(words, 24, 72, ofWarp);
        Source late = register(words, 64, 75, ofWarp);
        return switch (instruction.opcode() >> 9) {
            case 2 -> new Operands(a, late, number(words));
            case 3 -> new Operands(a, late, new Source(Kind.CONSTANT, 0, false));
            case 4 -> new Operands(a, number(words), late);
            case 5 -> new Operands(a, new Source(Kind.CONSTANT, 0, false), late);
            case 6 -> new Operands(a, register(words, 32, 63, true), late);
            case 7 -> new Operands(a, late, register(words, 32, 63, true));
            default -> new Operands(a, register(words, 32, 63, ofWarp), late);
        };
    }

    private static Source number(Words words) {
        return new Source(Kind.NUMBER, words.bits(32, 32), false);
    }

    private static Source register(Words words, int from, int sign, boolean ofWarp) {
        int number = words.bits(from, 8);
        boolean zero = ofWarp && (number == ZERO_OF_WARP || number == ZERO);
        return new Source(ofWarp && !zero ? Kind.OF_WARP : Kind.REGISTER, zero ? ZERO : number, words.has(sign));
    }
}
