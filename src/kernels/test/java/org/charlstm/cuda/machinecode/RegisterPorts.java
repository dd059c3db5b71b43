package org.charlstm.cuda.machinecode;

import module java.base;
import org.charlstm.cuda.machinecode.Operands.Source;

/**
 * The ports through which a scheduler's arithmetic reads registers. Even and odd numbers are two banks, and each gives
 * one register of a warp a cycle; an instruction waits until it can read all of its own within three cycles. For each
 * bank and place of an operand a slot keeps the register that it last read there, if the instruction is marked
 * so; the next to read there from the same bank ends that. So measured on Ampere, and said to hold for Turing and
 * Blackwell, by Huerta, Abaie Shoushtary, Cruz and Gonzalez (2025), arXiv 2503.20481, section 5.3.
 */
final class RegisterPorts {
    private static final int BANKS = 2;
    private static final int WINDOW = 3;
    private static final int FIRST_MARK = 122;

    private record Kept(int warp, int register) {
    }

    private final int[] until = new int[BANKS];
    private final Map<List<Integer>, Kept> slots = new HashMap<>();

    /** Whether a warp can issue an instruction at a cycle, which then takes its ports. */
    boolean take(Instruction it, int warp, int now) {
        List<Source> sources = sources(it);
        int[] reads = new int[BANKS];
        for (int place = 0; place < sources.size(); place++) {
            Source source = sources.get(place);
            if (source.isRegister() && !new Kept(warp, source.value()).equals(slots.get(slot(source, place)))) {
                reads[source.value() % BANKS]++;
            }
        }
        for (int bank = 0; bank < BANKS; bank++) {
            if (reads[bank] > 0 && Math.max(until[bank], now) + reads[bank] > now + WINDOW) {
                return false;
            }
        }
        for (int bank = 0; bank < BANKS; bank++) {
            until[bank] = Math.max(until[bank], now) + reads[bank];
        }
        for (int place = 0; place < sources.size(); place++) {
            Source source = sources.get(place);
            if (source.isRegister()) {
                slots.put(slot(source, place),
                        it.words().has(FIRST_MARK + place) ? new Kept(warp, source.value()) : new Kept(-1, -1));
            }
        }
        return true;
    }

    private static List<Integer> slot(Source source, int place) {
        return List.of(source.value() % BANKS, place);
    }

    /** FADD and FMUL have two. */
    private static List<Source> sources(Instruction it) {
        Operands operands = Operands.of(it, false);
        return switch (it.name()) {
            case "FFMA", "IMAD" -> List.of(operands.a(), operands.b(), operands.c());
            default -> List.of(operands.a(), operands.b());
        };
    }
}
