package org.charlstm.cuda.machinecode;

import module java.base;
import org.charlstm.cuda.machinecode.Cubin.Kernel;
import org.charlstm.cuda.machinecode.IssueModel.Warps;

/**
 * The text of kernels/machine-code.txt: {@code java Ledger.java FOLDER} prints it for what kernels/build.sh keeps in a
 * folder, {@code java Ledger.java CUBIN...} the rows of these files.
 */
final class Ledger {
    private static final String COLUMNS =
            "%-21s %3s %2s %5s %4s %4s %4s %4s %4s %4s %5s %5s %6s %4s %3s %4s %3s %5s %3s %3s %5s %6s %5s %5s %5s %5s";
    private static final String TITLES = COLUMNS.formatted("# kernel", "sm", "no", "instr", "HMMA", "FFMA", "DFMA",
            "bran", "load", "MUFU", "LDS32", "LDS64", "LDS128", "LDSM", "STS", "STAS", "BAR", "SYNCS", "LDG", "PF2",
            "given", "cycles", "DRAM", "at16", "free", "banks");
    private static final int FEWEST = 16;
    private static final Pattern STEPS = Pattern.compile("^(lstm|gru|elman)_(fused|tensor|cluster\\d*)_");
    private static final List<String> NOT_MODELLED = Collections.nCopies(6, "-");
    private static final int WARP = 32;
    /** Warps of a block that go through the time steps, where others work beside them. */
    private static final int SENDING = 4;

    private Ledger() {
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 0) {
            System.err.println("usage: java Ledger.java FOLDER, or java Ledger.java CUBIN...");
            System.exit(2);
        }
        Path first = Path.of(arguments[0]);
        if (Files.isDirectory(first)) {
            System.out.print(of(first));
            return;
        }
        System.out.println(TITLES);
        for (String file : arguments) {
            rows(Cubin.of(Files.readAllBytes(Path.of(file)))).forEach(System.out::println);
        }
    }

    static String of(Path folder) throws IOException {
        List<Cubin> cubins = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".cubin")).toList()) {
                cubins.add(Cubin.of(Files.readAllBytes(file)));
            }
        }
        cubins.sort(Comparator.comparing((Cubin cubin) -> cubin.kernels().getFirst().name())
                .thenComparingInt(Cubin::architecture));
        String nvcc = Files.readString(folder.resolve("resources.txt")).replaceFirst("(?s).*# nvcc (\\S+).*", "$1");
        String text = """
                The machine code of the kernels' hot loops; kernels/build.sh --ledger writes it.
                nvcc %s
                A loop has a row if it has an HMMA, or %d FFMA or DFMA (fewer are those of a division), and no
                other such loop in it; one of a cell's time steps (*_fused_*, *_tensor_*, *_cluster_*) only if
                the warps of a block wait for one another in it. A template's instances are loops of their own;
                no counts loops by address.
                instr, HMMA to STAS: instructions; LDS by bits a lane; STAS sends to other blocks of a cluster.
                bran: branches from the first product to the last, which is HMMA where there is one, else the
                more frequent.
                load: loads of global memory for which the pass that asks for them waits, before its first
                product.
                BAR, SYNCS: barriers, and waits for an arrival barrier.
                LDG, PF2: loads of global memory, and what brings some of it into the L2 cache steps before.
                given: the fewest cycles between a load of global memory and the first to wait for it, if no
                such load had to be waited for: one that takes no longer costs nothing.
                cycles: those of a pass of a time loop for one block, of as many warps as launch bounds allow,
                on the path that takes no branch forward which something decides, but for one around a call.
                Where other warps sum up gradients, or share products, beside the four that go through the
                steps, a row of either loop has the cycles of a step in company of the other.
                at16, free: the same where a multiprocessor sends 16 bytes a cycle to others of its cluster, and
                any number.
                banks: wavefronts of shared memory on a warp's path beyond the fewest that its widths allow, by
                the addresses of its lanes; ? where some are not known, which count as the fewest.
                DRAM: the same where loads come from there, but for those that have been brought into L2.
                They come from a model and were not measured: they serve to compare loops. Its assumptions:
                %sOpcodes that are not known: %s.
                """.formatted(nvcc, FEWEST, IssueModel.ASSUMED, unknown(cubins));
        return Stream.of(text.lines().map(line -> "# " + line), Stream.of(TITLES),
                cubins.stream().flatMap(cubin -> rows(cubin).stream())).flatMap(lines -> lines)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String unknown(List<Cubin> cubins) {
        Map<Integer, TreeSet<String>> unknown = new TreeMap<>();
        for (Cubin cubin : cubins) {
            cubin.kernels().stream().flatMap(kernel -> Instruction.of(kernel, cubin.architecture()).stream())
                    .filter(each -> each.is(Opcodes.UNKNOWN))
                    .forEach(each -> unknown.computeIfAbsent(cubin.architecture(), any -> new TreeSet<>())
                            .add(Integer.toHexString(each.opcode())));
        }
        return unknown.isEmpty() ? "none" : unknown.entrySet().stream()
                .map(each -> "of sm_" + each.getKey() + " " + String.join(" ", each.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static List<String> rows(Cubin cubin) {
        List<String> rows = new ArrayList<>();
        for (Kernel kernel : cubin.kernels()) {
            boolean steps = STEPS.matcher(kernel.name()).find();
            List<Instruction> code = Instruction.of(kernel, cubin.architecture());
            List<Loop> hot = Loop.of(code).stream()
                    .filter(loop -> loop.count("HMMA") > 0 || loop.count(loop.product()) >= FEWEST)
                    .filter(loop -> loop.meets() || !steps).toList();
            int number = 1;
            for (Loop loop : hot) {
                if (hot.stream().noneMatch(other -> other.isWithin(loop))) {
                    boolean modelled = steps && kernel.threads() > 0 && !loop.path().isEmpty();
                    rows.add(row(kernel, cubin.architecture(), number++, loop, modelled
                            ? modelled(loop, warps(code, loop, hot, kernel.threads() / WARP), cubin.architecture())
                            : NOT_MODELLED));
                }
            }
        }
        return rows;
    }

    /**
     * All of a block's in one loop; or the first, one for each scheduler, in the loop of the steps, and the others
     * in one beside it. That is one at whose barrier they wait for these and these for them, of most products; or one
     * whose warps bring them sums. A row of the latter is of such a block, too.
     */
    private static List<Warps> warps(List<Instruction> code, Loop loop, List<Loop> hot, int count) {
        Optional<Loop> beside = hot.stream().filter(loop::letsGo).filter(other -> other.letsGo(loop))
                .max(Comparator.comparingInt(other -> other.count(loop.sends() ? "HMMA" : "STAS")))
                .or(() -> loop.sharing(hot));
        if (beside.isEmpty()) {
            return List.of(warps(code, loop, count, count));
        }
        Loop first = loop.leads(beside.get()) ? loop : beside.get();
        return List.of(warps(code, first, SENDING, count),
                warps(code, first.equals(loop) ? beside.get() : loop, count - SENDING, count));
    }

    private static Warps warps(List<Instruction> code, Loop loop, int some, int all) {
        return new Warps(loop.path(), some, SharedAccesses.of(code, loop, all));
    }

    /** The loads of warps beside those that go through the steps have the time of a step and more. */
    private static List<String> modelled(Loop loop, List<Warps> warps, int architecture) {
        OptionalInt given = warps.getFirst().path().equals(loop.path()) ? IssueModel.given(warps, architecture)
                : OptionalInt.empty();
        boolean brought = warps.stream().flatMap(some -> some.path().stream())
                .anyMatch(each -> each.is(Opcodes.PREFETCH));
        boolean sends = warps.getFirst().path().stream().anyMatch(each -> each.is("STAS"));
        IntUnaryOperator bySent = sent -> IssueModel.cycles(warps, architecture, IssueModel.FROM_L2, sent);
        return List.of(given.isPresent() ? "" + given.getAsInt() : "-", "" + bySent.applyAsInt(IssueModel.SENT),
                "" + IssueModel.cycles(warps, architecture, brought ? IssueModel.FROM_L2 : IssueModel.FROM_DRAM,
                        IssueModel.SENT),
                sends ? "" + bySent.applyAsInt(IssueModel.SENT_AT_LEAST) : "-",
                sends ? "" + bySent.applyAsInt(IssueModel.SENT_AT_MOST) : "-", banks(loop, warps));
    }

    /** A question mark where the addresses of some access are not known. */
    private static String banks(Loop loop, List<Warps> warps) {
        Map<Integer, Integer> wavefronts = warps.stream().filter(some -> some.path().equals(loop.path())).findFirst()
                .orElseThrow().wavefronts();
        return wavefronts.containsValue(0) ? "?" : "" + loop.path().stream()
                .filter(each -> wavefronts.containsKey(each.at()))
                .mapToInt(each -> wavefronts.get(each.at()) - SharedAccesses.fewest(each)).sum();
    }

    private static String row(Kernel kernel, int architecture, int number, Loop loop, List<String> model) {
        return COLUMNS.formatted(kernel.name(), architecture, number, loop.body().size(), loop.count("HMMA"),
                loop.count("FFMA"), loop.count("DFMA"), loop.branchesAmongProducts(), loop.waitedFor(),
                loop.count("MUFU"), shared(loop, 32), shared(loop, 64), shared(loop, 128), loop.count("LDSM"),
                loop.count("STS"), loop.count("STAS"), loop.count("BAR"), loop.count(Instruction::asksForArrival),
                loop.count("LDG"), loop.count(Opcodes.PREFETCH), model.get(0), model.get(1), model.get(2), model.get(3),
                model.get(4), model.get(5));
    }

    private static int shared(Loop loop, int bits) {
        return loop.count(each -> each.is("LDS") && each.bits() == bits);
    }
}
