package org.charlstm.cuda.machinecode;

import module java.base;

/**
 * A file of machine code as ptxas and NVRTC write it: an ELF file with a section {@code .text.NAME} for each kernel,
 * and others, {@code .nv.info} and {@code .nv.info.NAME}, with attributes.
 *
 * @param architecture 90 for sm_90
 */
public record Cubin(int architecture, List<Kernel> kernels) {
    private static final int ELF = 0x464c457f;
    private static final int MACHINE = 18;
    private static final int CUDA = 190;
    private static final int FORMAT = 8;
    /** Where the format is that of CUDA 12, the architecture is in the lowest bits of the flags. */
    private static final int CUDA_12 = 7;
    private static final int SECTIONS = 40;
    private static final int FLAGS = 48;
    private static final int SECTION_COUNT = 60;
    private static final int SECTION_OF_NAMES = 62;
    private static final int SECTION_BYTES = 64;
    private static final int WITHOUT_BYTES = 8;
    private static final String TEXT = ".text.";
    private static final String INFO = ".nv.info";
    /** An attribute's form, in which a length and a value follow. */
    private static final int SIZED = 4;
    private static final int MAX_THREADS = 0x05;
    private static final int REGISTERS = 0x2f;
    private static final int MIN_STACK_SIZE = 0x12;

    /**
     * One kernel.
     *
     * @param code instructions of 16 bytes
     * @param registers of a thread
     * @param stack bytes of a thread
     * @param threads the most of a block, or 0 where its launch bounds do not say
     */
    public record Kernel(String name, ByteBuffer code, int registers, int stack, int threads) {
    }

    private record Section(ByteBuffer bytes, int info) {
        /** The value of an attribute, or of one that each symbol has the value for a symbol; 0 where there is none. */
        int attribute(int wanted, int symbol) {
            for (int at = 0; at < bytes.limit();) {
                int value = at + 4;
                if (bytes.get(at + 1) == wanted && (symbol == 0 || bytes.getInt(value) == symbol)) {
                    return bytes.getInt(symbol == 0 ? value : value + 4);
                }
                at = value + (bytes.get(at) == SIZED ? bytes.getShort(at + 2) & 0xffff : 0);
            }
            return 0;
        }
    }

    /** Of the bytes of such a file; others are refused. */
    public static Cubin of(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < SECTION_BYTES || file.getInt(0) != ELF || file.getShort(MACHINE) != CUDA) {
            throw new IllegalArgumentException("no machine code of a GPU");
        }
        Map<String, Section> sections = sections(file);
        List<Kernel> kernels = sections.keySet().stream().filter(name -> name.startsWith(TEXT)).map(name -> {
            String kernel = name.substring(TEXT.length());
            Section text = sections.get(name);
            int symbol = text.info & 0xffffff;
            return new Kernel(kernel, text.bytes, sections.get(INFO).attribute(REGISTERS, symbol),
                    sections.get(INFO).attribute(MIN_STACK_SIZE, symbol),
                    sections.get(INFO + "." + kernel).attribute(MAX_THREADS, 0));
        }).toList();
        return new Cubin((file.getInt(FLAGS) >> (file.get(FORMAT) == CUDA_12 ? 0 : 8)) & 0xff, kernels);
    }

    private static Map<String, Section> sections(ByteBuffer file) {
        Map<String, Section> sections = new TreeMap<>();
        int table = (int) file.getLong(SECTIONS);
        int names = (int) file.getLong(table + SECTION_BYTES * file.getShort(SECTION_OF_NAMES) + 24);
        for (int i = 0; i < file.getShort(SECTION_COUNT); i++) {
            ByteBuffer header = file.slice(table + SECTION_BYTES * i, SECTION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            int length = header.getInt(4) == WITHOUT_BYTES ? 0 : (int) header.getLong(32);
            sections.put(string(file, names + header.getInt(0)), new Section(
                    file.slice((int) header.getLong(24), length).order(ByteOrder.LITTLE_ENDIAN), header.getInt(44)));
        }
        return sections;
    }

    private static String string(ByteBuffer file, int from) {
        int to = from;
        while (file.get(to) != 0) {
            to++;
        }
        byte[] text = new byte[to - from];
        file.get(from, text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
