package org.charlstm.cuda.machinecode;

import module java.base;

/**
 * A loop of a kernel.
 *
 * @param body the instructions from where a branch leads back to up to the last such branch, by address
 * @param path the straight path through it: it takes no conditional branch forward, except around a call, which is rare
 * code; empty where that leads out of the loop
 */
record Loop(List<Instruction> body, List<Instruction> path) {
    static List<Loop> of(List<Instruction> code) {
        Map<Integer, List<Instruction>> back = code.stream()
                .filter(each -> each.target() >= 0 && each.target() <= each.at())
                .collect(Collectors.groupingBy(Instruction::target, TreeMap::new, Collectors.toList()));
        List<Loop> loops = new ArrayList<>();
        back.forEach((from, branches) -> {
            BitSet aside = reachedWithout(code, from);
            branches.stream().filter(each -> !aside.get(each.index())).mapToInt(Instruction::index).max()
                    .ifPresent(to -> {
                        List<Instruction> body = code.subList(from / Instruction.BYTES, to + 1);
                        loops.add(new Loop(body, path(code, body)));
                    });
        });
        return loops;
    }

    /** A branch back from these makes no loop: rare code behind the rest returns so into the middle of one. */
    private static BitSet reachedWithout(List<Instruction> code, int without) {
        BitSet reached = new BitSet();
        Deque<Integer> open = new ArrayDeque<>(List.of(0));
        while (!open.isEmpty()) {
            int at = open.remove();
            if (at != without && at < code.size() * Instruction.BYTES && !reached.get(at / Instruction.BYTES)) {
                reached.set(at / Instruction.BYTES);
                open.addAll(code.get(at / Instruction.BYTES).next());
            }
        }
        return reached;
    }

    private static List<Instruction> path(List<Instruction> code, List<Instruction> body) {
        Set<Integer> aroundCalls = aroundCalls(body);
        List<Instruction> path = new ArrayList<>();
        Instruction here = body.getFirst();
        while (path.size() < code.size()) {
            path.add(here);
            List<Integer> next = here.next();
            if (here.equals(body.getLast()) || next.equals(List.of(body.getFirst().at()))) {
                return path;
            }
            if (next.isEmpty()) {
                break;
            }
            int to = aroundCalls.contains(here.at()) ? here.target() : next.getFirst();
            here = code.get(to / Instruction.BYTES);
        }
        return List.of();
    }

    /** The nearest branch around each call. */
    private static Set<Integer> aroundCalls(List<Instruction> body) {
        Set<Integer> nearest = new HashSet<>();
        for (int i = 0; i < body.size(); i++) {
            int call = body.get(i).at();
            if (body.get(i).is("CALL")) {
                body.subList(0, i).reversed().stream().filter(each -> each.conditional() && each.target() > call)
                        .findFirst().ifPresent(around -> nearest.add(around.at()));
            }
        }
        return nearest;
    }

    int count(Predicate<Instruction> wanted) {
        return (int) body.stream().filter(wanted).count();
    }

    int count(String name) {
        return count(each -> each.is(name));
    }

    boolean isWithin(Loop other) {
        return other.body.getFirst().at() < body.getFirst().at() && body.getLast().at() <= other.body.getLast().at();
    }

    /** The instruction that does its products: that of tensor cores, where there is one, else the more frequent. */
    String product() {
        return count("HMMA") > 0 ? "HMMA" : count("DFMA") > count("FFMA") ? "DFMA" : "FFMA";
    }

    /** Whether the warps of a block wait for one another in it. */
    boolean meets() {
        return count("BAR") > 0 || count(Instruction::asksForArrival) > 0;
    }

    /** Whether its warps send to other blocks of a cluster. */
    boolean sends() {
        return count("STAS") > 0;
    }

    /** Whether its warps arrive at a barrier of some of the block's at which those of another loop wait. */
    boolean letsGo(Loop other) {
        return body.stream().filter(each -> each.isOfSome(true))
                .anyMatch(each -> other.count(at -> at.isOfSome(false) && at.barrier() == each.barrier()) > 0);
    }

    /**
     * The loop whose warps share the products of this one's, if there is any: the nearest with as many products and the
     * same barriers, where one of the two loads what a step needs, and the other nothing.
     */
    Optional<Loop> sharing(List<Loop> hot) {
        return hot.stream().filter(other -> other.loads() != loads() && other.count("HMMA") == count("HMMA")
                && meetsAt().equals(other.meetsAt()))
                .min(Comparator.comparingInt(other -> Math.abs(other.body.getFirst().at() - body.getFirst().at())));
    }

    private Set<Integer> meetsAt() {
        return body.stream().filter(each -> each.is("BAR")).map(Instruction::barrier).collect(Collectors.toSet());
    }

    private boolean loads() {
        return count("LDG") > 0;
    }

    /** Whether its warps go through the steps, and those of another's, which work beside them, do not. */
    boolean leads(Loop other) {
        return sends() != other.sends() ? sends() : loads();
    }

    private List<Integer> places(String name) {
        return body.stream().filter(each -> each.is(name)).map(Instruction::at).toList();
    }

    /** Branches between the first product and the last. */
    int branchesAmongProducts() {
        List<Integer> places = places(product());
        return count(each -> each.isBranch() && places.getFirst() < each.at() && each.at() < places.getLast());
    }

    /**
     * Loads of global memory for which the pass that asks for them waits before its first product, on some way there. A
     * scoreboard counts all that set it: waiting for one load is waiting for the others, too.
     */
    int waitedFor() {
        int first = body.getFirst().at();
        int until = places(product()).getFirst();
        Set<Instruction> waited = new HashSet<>();
        Map<Integer, Set<Instruction>> pending = new HashMap<>(Map.of(first, Set.of()));
        Deque<Instruction> open = new ArrayDeque<>(List.of(body.getFirst()));
        while (!open.isEmpty()) {
            Instruction here = open.remove();
            Set<Instruction> after = new HashSet<>(pending.get(here.at()));
            after.stream().filter(load -> here.waitsFor(load.written())).forEach(waited::add);
            after.removeAll(waited);
            if (here.is("LDG")) {
                after.add(here);
            }
            for (int next : here.next()) {
                boolean isNew = !pending.containsKey(next);
                if (next > first && next < until
                        && (pending.computeIfAbsent(next, at -> new HashSet<>()).addAll(after) || isNew)) {
                    open.add(body.get((next - first) / Instruction.BYTES));
                }
            }
        }
        return waited.size();
    }
}
