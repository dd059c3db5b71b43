package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.KernelSignature.Kind;

/**
 * Writes a structure's members and offsets as a text, as in {@code int at 0, double at 8}; empty if unknown. The texts
 * of a program's layout and of the definition in CUDA C++ can be compared.
 */
final class StructureMembers {
    static final String UNKNOWN = "";

    private static final int MOST = 256;
    private static final Pattern STRUCTURE = Pattern.compile("\\bstruct\\s+(\\w+)\\s*\\{([^{}]*)\\}\\s*;"
            + "|\\btypedef\\s+struct\\s*\\w*\\s*\\{([^{}]*)\\}\\s*(\\w+)\\s*;");
    private static final Pattern MEMBER =
            Pattern.compile("([\\w\\s:]+?[\\s*]+)(\\w+)((?:\\s*\\[\\s*\\d{1,4}\\s*\\])*)");

    private final StringJoiner told = new StringJoiner(", ");
    private int count;
    private boolean known = true;
    /** Whether all members are bytes, as in a layout that gives only a size. */
    private boolean bytes = true;
    private long end;

    private StructureMembers() {
    }

    /** The members of a layout; unknown for a union or a layout of bytes only. */
    static String of(MemoryLayout layout) {
        StructureMembers members = new StructureMembers();
        members.add(layout, 0);
        return members.bytes ? UNKNOWN : members.text();
    }

    /**
     * The members of the structures in a text without comments; UNKNOWN for a structure with any member that is not a
     * number or address.
     */
    static Map<String, String> inSource(String text, Map<String, KernelType> types) {
        Map<String, String> structures = new HashMap<>();
        if (!text.contains("#pragma pack")) {
            STRUCTURE.matcher(text).results().forEach(found -> {
                boolean named = found.group(1) != null;
                String members = ofBody(named ? found.group(2) : found.group(3), types);
                // If preprocessor branches differ, the members are unknown.
                structures.merge(named ? found.group(1) : found.group(4), members,
                        (one, other) -> one.equals(other) ? one : UNKNOWN);
            });
        }
        return structures;
    }

    private static String ofBody(String body, Map<String, KernelType> types) {
        StructureMembers members = new StructureMembers();
        for (String member : body.strip().split("\\s*;\\s*", -1)) {
            if (!member.isEmpty()) {
                members.add(member, types);
            }
        }
        return members.text();
    }

    private void add(String member, Map<String, KernelType> types) {
        Matcher parts = MEMBER.matcher(member);
        if (!parts.matches()) {
            known = false;
            return;
        }
        String type = parts.group(1).replaceAll("\\b(const|volatile)\\b", " ").replaceAll("\\s+", " ").strip();
        Kind kind = type.endsWith("*") ? Kind.POINTER
                : KernelType.named(type, types).map(KernelType::kind).orElse(Kind.STRUCT);
        long many = Pattern.compile("\\d+").matcher(parts.group(3)).results()
                .mapToLong(size -> Long.parseLong(size.group())).reduce(1, (one, other) -> one * other);
        for (long i = 0; i < many && known; i++) {
            add(kind, kind.bytes() == 0 ? 0 : Math.ceilDiv(end, (long) kind.bytes()) * kind.bytes());
        }
    }

    private void add(MemoryLayout layout, long at) {
        switch (layout) {
            case StructLayout structure -> {
                long offset = at;
                for (MemoryLayout member : structure.memberLayouts()) {
                    add(member, offset);
                    offset += member.byteSize();
                }
            }
            case java.lang.foreign.SequenceLayout sequence -> {
                known &= sequence.elementCount() <= MOST;
                for (long i = 0; i < sequence.elementCount() && known; i++) {
                    add(sequence.elementLayout(), at + i * sequence.elementLayout().byteSize());
                }
            }
            case PaddingLayout _ -> {}
            case UnionLayout _ -> known = false;
            case ValueLayout number -> add(KernelType.of(number).kind(), at);
        }
    }

    private void add(Kind kind, long at) {
        // A Java layout has a long for an address, and a short for a 16-bit real.
        String number = switch (kind) {
            case BOOL, BYTE -> "byte";
            case SHORT, HALF, BFLOAT16 -> "short";
            case INT -> "int";
            case LONG, POINTER -> "long";
            case FLOAT -> "float";
            case DOUBLE -> "double";
            case STRUCT, BITS -> "";
        };
        known &= !number.isEmpty() && ++count <= MOST;
        bytes &= number.equals("byte");
        end = at + kind.bytes();
        told.add(number + " at " + at);
    }

    private String text() {
        return known ? told.toString() : UNKNOWN;
    }
}
