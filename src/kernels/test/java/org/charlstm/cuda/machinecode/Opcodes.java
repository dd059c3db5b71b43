package org.charlstm.cuda.machinecode;

import module java.base;

/**
 * The names of instructions from sm_80 to sm_120. Of an opcode's 12 bits the upper 3 say of what kind its operands are,
 * and the lower 9 what it does.
 */
final class Opcodes {
    static final String UNKNOWN = "?";
    /** One that brings global memory into L2. */
    static final String PREFETCH = "CCTL.PF2";
    private static final int DOES = 0x1ff;
    private static final int BLACKWELL = 100;
    private static final Map<Integer, String> NAMES =
            names("""
                    002 MOV, 003 P2R, 004 R2P, 005 CS2R, 006 VOTE, 007 SEL, 008 FSEL, 009 FMNMX, 00a FSET, 00b FSETP,
                    00c ISETP, 010 IADD3, 011 LEA, 012 LOP3, 013 IABS, 016 PRMT, 017 IMNMX, 019 SHF, 01c PLOP3,
                    020 FMUL, 021 FADD, 023 FFMA, 024 IMAD, 025 IMAD.WIDE, 027 IMAD.HI, 028 DMUL, 029 DADD, 02a DSETP,
                    02b DFMA, 02d PREEXIT, 02e ACQBULK, 02f ELECT, 031 HFMA2, 035 HFMA2.MMA, 036 VIADD, 03a MOVM,
                    03b LDSM, 03c HMMA, 03e F2FP, 045 I2FP, 046 VIADDMNMX, 048 VIMNMX, 082 UMOV, 083 UP2UR, 086 VOTEU,
                    087 USEL, 08c UISETP, 090 UIADD3, 091 ULEA, 092 ULOP3, 096 UPRMT, 099 USHF, 0a4 UIMAD,
                    0a5 UIMAD.WIDE, 0b9 ULDC, 0bd UFLO, 0ca R2UR, 100 FLO, 101 BREV, 102 FCHK, 105 F2I, 106 I2F,
                    108 MUFU, 109 POPC, 110 F2F, 112 I2F, 118 NOP, 119 S2R, 11a DEPBAR, 11b ENDCOLLECTIVE, 11d BAR,
                    141 BSYNC, 142 BREAK, 144 CALL, 145 BSSY, 146 YIELD, 147 BRA, 148 WARPSYNC, 149 BRX, 14d EXIT,
                    150 RET, 15c BPT, 15d NANOSLEEP, 180 LD, 181 LDG, 182 LDC, 183 LDL, 184 LDS, 185 ST, 186 STG,
                    187 STL, 188 STS, 189 SHFL, 18c ATOMS, 18e RED, 18f CCTL, 192 MEMBAR, 1a1 MATCH, 1a3 ATOMG,
                    1a7 SYNCS, 1a8 ATOMG, 1a9 ATOMG, 1ab ERRBAR, 1ae LDGSTS, 1af LDGDEPBAR, 1b2 SYNCS.EXCH, 1bd STAS,
                    1c2 R2UR, 1c3 S2UR, 1c4 REDUX, 1c6 FENCE, 1c7 UCGABAR""");
    /** Those that mean something else there, or are new. */
    private static final Map<Integer, String> OF_BLACKWELL = names("035 IADD.64, 04a UVIMNMX, 05a UI2FP, 1ac LDCU");

    private Opcodes() {
    }

    private static Map<Integer, String> names(String table) {
        return Pattern.compile("(\\w{3}) ([\\w.]+)").matcher(table).results()
                .collect(Collectors.toMap(entry -> Integer.valueOf(entry.group(1), 16), entry -> entry.group(2)));
    }

    static String name(int opcode, int architecture) {
        int does = opcode & DOES;
        String name = architecture >= BLACKWELL ? OF_BLACKWELL.get(does) : null;
        return name != null ? name : NAMES.getOrDefault(does, UNKNOWN);
    }
}
