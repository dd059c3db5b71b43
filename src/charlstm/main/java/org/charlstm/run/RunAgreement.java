package org.charlstm.run;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Machine;
import org.charlstm.base.Refuse;
import org.charlstm.base.Setting;
import org.charlstm.nn.Tensor;
import org.charlstm.rank.Collective;
import org.charlstm.run.folder.RunState;
import org.charlstm.train.Figures;
import org.charlstm.train.TrainingOptions;
import org.charlstm.train.TrainingState;
import org.jspecify.annotations.Nullable;

/** Checks that all ranks of a run have the same inputs, and that a resumed run has the inputs of its state. */
final class RunAgreement {
    /** Refuses ranks whose inputs differ. Rank 0 reports the difference; the other ranks wait until they are ended. */
    static void require(TrainingRun run, @Nullable RunState state) {
        Collective ranks = run.ranks();
        if (ranks.size() == 1) {
            return;
        }
        StringBuilder mine = new StringBuilder();
        inputs(run, state).forEach((name, value) -> mine.append(name).append('\t').append(value).append('\n'));
        List<String> all = ranks.gather(mine.toString().getBytes(StandardCharsets.UTF_8)).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
        Optional<CharlstmException> failure = tooFew(run).or(() -> differing(ranks, all));
        if (failure.isPresent()) {
            if (ranks.rank() > 0) {
                ranks.barrier();
            }
            throw failure.get();
        }
    }

    private static Optional<CharlstmException> tooFew(TrainingRun run) {
        TrainingOptions options = run.setup().training();
        int most = Math.min(options.batchSize(), options.rows(run.text().corpus()));
        return most >= run.ranks().size() ? Optional.empty()
                : Optional.of(new CharlstmException("a batch has " + most + " " + run.text().unit() + " and there are "
                        + run.ranks().size() + " ranks, each of which needs one; take larger batches or fewer ranks")
                        .mendedBy(Setting.BATCH_SIZE));
    }

    private static Optional<CharlstmException> differing(Collective ranks, List<String> all) {
        List<String> first = all.getFirst().lines().toList();
        List<String> differing = new ArrayList<>();
        for (int rank = 1; rank < ranks.size(); rank++) {
            List<String> other = all.get(rank).lines().toList();
            for (int i = 0; i < first.size(); i++) {
                // The first difference causes the others.
                if (i >= other.size() || !other.get(i).equals(first.get(i))) {
                    differing.add(ranks.name(rank) + " has another " + first.get(i).split("\t", 2)[0] + " than rank 0");
                    break;
                }
            }
        }
        return differing.isEmpty() ? Optional.empty()
                : Optional.of(new CharlstmException(String.join("; ", differing)
                        + "; start all ranks with the same program, files and options"));
    }

    private static Map<String, String> inputs(TrainingRun run, @Nullable RunState state) {
        Map<String, String> inputs = new LinkedHashMap<>();
        inputs.put("version of charlstm", Machine.version());
        inputs.put("device", run.model().device().name() + " in " + run.model().device().precision());
        inputs.put("text", run.text().digest());
        RunState.settings(run.setup().training()).forEach((name, value) -> inputs.put(name.replace('_', ' '), value));
        inputs.put("model", run.model().config().toString());
        inputs.put("state of weights", digest(run.model().weights().tensors().stream()));
        inputs.put("state to go on from", state == null ? "none" : state.training().epoch() + " "
                + state.training().rows() + " " + digest(Stream.concat(state.training().weights().tensors().stream(),
                        Stream.concat(state.training().states().values().stream().flatMap(each -> each.tensors()
                                .stream()), state.training().carried().stream()))));
        return inputs;
    }

    private static String digest(Stream<Tensor> tensors) {
        return TrainingText.sha256(digest -> tensors.forEach(tensor -> {
            digest.update(tensor.name().getBytes(StandardCharsets.UTF_8));
            ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, tensor.values().length));
            for (double value : tensor.values()) {
                bytes.putFloat((float) value);
            }
            digest.update(bytes.array());
        }));
    }

    /** Refuses another text, model or setting (the rate may differ), and a state that is not between updates. */
    static void requireSame(TrainingRun run, RunState state) {
        TrainingOptions asked = run.setup().training();
        TrainingText learned = run.text();
        RunState.settings(asked).forEach((name, value) -> {
            String before = state.settings().get(name);
            if (!value.equals(before) && !RunState.RATE.contains(name)) {
                throw new CharlstmException("the run's " + name.replace('_', ' ') + " is " + before + ", not " + value
                        + "; it can only go on with its own, but another run can start from its weights")
                        .mendedBy(Setting.INITIAL_MODEL);
            }
        });
        Refuse.inputIf(!state.text().equals(learned.digest()),
                "the run learned another text than " + learned.captions().source() + " is now"
                        + (learned.validation() == null ? "" : ", or was validated on another than "
                                + learned.validationSource())
                        + "; it can only go on with its own");
        String monitor = run.keepsBest() ? run.monitor() : "none";
        Figures.Best best = state.best();
        if (best != null && !best.monitor().equals(monitor)) {
            throw new CharlstmException("the run's best is by " + best.monitor() + ", not by " + monitor
                    + "; it can only go on with its own monitor");
        }
        Refuse.inputIf(!state.model().config().equals(run.model().config()),
                "the run's model has other layers than this one; it can only go on with its own");
        TrainingState training = state.training();
        int rows = asked.rows(learned.corpus());
        Refuse.inputIf(!asked.isBetweenUpdates(learned.corpus(), training.epoch(), training.rows())
                || (state.whole() && training.epoch() > 0 && training.rows() < rows) || (asked.streams()
                        && training.epoch() > 0 && training.rows() < rows && training.carried().isEmpty())
                || !training.states().keySet().equals(Set.copyOf(asked.rule().states())),
                "the run's state is damaged: it is after row " + training.rows() + " of " + rows
                        + " and has the optimiser's " + training.states().keySet()
                        + "; go on from another of its states");
    }
}
