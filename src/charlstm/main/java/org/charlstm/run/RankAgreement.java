package org.charlstm.run;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.message.Setting;
import org.charlstm.nn.Tensor;
import org.charlstm.rank.Collective;
import org.charlstm.train.EpochSize;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;

/** Checks that all ranks of a run are about to compute the same. */
final class RankAgreement {
    private RankAgreement() {
    }

    /**
     * Refuses ranks that differ in anything the result depends on. Rank 0 names it; the others wait to be ended.
     *
     * @param state from which the run resumes; null if it begins
     */
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
        int most = Math.min(options.batchSize(), EpochSize.rows(run.text().corpus(), options));
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
}
