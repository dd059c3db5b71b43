package org.charlstm.selftest;

import static org.charlstm.selftest.SpoiledCheck.requireFailure;
import static org.charlstm.selftest.SpoiledCheck.requirePassed;
import static org.charlstm.selftest.SpoiledCheck.run;
import static org.charlstm.selftest.SpoiledCheck.spoiled;

import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.device.Activation;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Device;
import org.charlstm.device.Draw;
import org.charlstm.device.Dropout;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each check finds a device that computes its one thing wrongly. */
@Tag("long")
class SelfTestTest {
    static Stream<Arguments> operations() {
        return Stream.of(
                spoiled("inputs and targets swapped", "gather and add", "inputs[",
                        SpoiledOperations::inputsAndTargetsSwapped),
                spoiled("padding as it was not asked for", "gather and add", "padding counted, T 3: targets[",
                        SpoiledOperations::paddingMistaken),
                spoiled("padding unmarked", "gather and add", "padding counted, T 3: targets[",
                        SpoiledOperations::paddingUnmarked),
                spoiled("another row's features", "features", "features[", SpoiledStack::featuresOfTheNext),
                spoiled("halves of states swapped", "states", "hidden[", SpoiledStack::statesSwapped),
                spoiled("a state at other columns", "states", "columns[", SpoiledStack::stateAtFirst),
                spoiled("the one before", "pick", "picked[0]", SpoiledOperations::picksTheOneBefore),
                spoiled("targets of the first steps", "gather and add", "last targets[",
                        SpoiledOperations::targetsOfTheFirstSteps),
                spoiled("the first rows", "last rows", "rows[", SpoiledOperations::firstRows),
                spoiled("rows before as they were", "last rows", "with zeros before[",
                        SpoiledOperations::rowsBeforeAsTheyWere),
                spoiled("one too many", "gather and add", "", SpoiledOperations::addsOneTooMany),
                spoiled("output too large", "LSTM forward", "output[",
                        SpoiledLayers.output((values, offset) -> SpoiledLayers.scale(values, 0))),
                spoiled("output NaN", "LSTM forward", "output[0] is NaN",
                        SpoiledLayers.output((values, offset) -> values[0] = Double.NaN)),
                spoiled("gates swapped", "LSTM forward", "output[", SpoiledLayers::gatesSwapped),
                spoiled("gate shifted", "LSTM forward", "output[", SpoiledLayers::gateShifted),
                spoiled("cell lost", "LSTM forward", "cell[", right -> SpoiledLayers.cellLost(right, 1000)),
                spoiled("gradients too large", "LSTM backward", "gradient[",
                        SpoiledLayers.gradients(SpoiledLayers::scale)),
                spoiled("output of a GRU too large", "GRU forward", "output[", SpoiledLayers.only("gru",
                        SpoiledLayers.output((values, offset) -> SpoiledLayers.scale(values, 0)))),
                spoiled("gradients of a GRU too large", "GRU backward", "gradient[",
                        SpoiledLayers.only("gru", SpoiledLayers.gradients(SpoiledLayers::scale))),
                spoiled("hard sigmoids of a GRU made smooth", "GRU forward", "hard sigmoid, from zeros: output[",
                        SpoiledLayers.only("gru", SpoiledLayers.as(SpoiledLayers::smooth))),
                spoiled("tanh for ReLU", "RNN forward", "relu, from zeros: output[", SpoiledLayers
                        .as(cell -> cell.kind().equals("rnn") ? new RecurrentCell.Elman(Activation.TANH) : cell)),
                spoiled("gradients of a plain layer too large", "RNN backward", "gradient[",
                        SpoiledLayers.only("rnn", SpoiledLayers.gradients(SpoiledLayers::scale))),
                spoiled("input's gradient too large", "LSTM backward", "input's gradient[",
                        SpoiledLayers.inputGradient(SpoiledLayers::scale)),
                spoiled("first cell's gradient too large", "LSTM backward", "first cell's gradient[",
                        SpoiledLayers.cellGradient(SpoiledLayers::scale)),
                spoiled("gradient NaN", "LSTM backward", " gradient[0] is NaN",
                        SpoiledLayers.gradients((values, offset) -> values[offset] = Double.NaN)),
                spoiled("writes before its own", "LSTM backward", "elements before the layer's[",
                        SpoiledLayers.gradients((values, offset) -> values[Math.max(0, offset - 1)] *= 1.001)),
                spoiled("gives up", "LSTM backward", "cudnnRNNBackwardWeights_v8 failed with status 5000",
                        SpoiledLayers::failing),
                spoiled("hard sigmoids made smooth", "LSTM forward", "hard sigmoid, from zeros: output[",
                        SpoiledLayers.as(SpoiledLayers::smooth)),
                spoiled("too large", "product", "product[", SpoiledOperations.product(
                        values -> SpoiledLayers.scale(values, 0))),
                spoiled("last element NaN", "product", "] is NaN", SpoiledOperations.product(
                        values -> values[values.length - 1] = Double.NaN)),
                spoiled("a transpose lost", "product", "product with itself[",
                        SpoiledOperations::transposeLost),
                spoiled("ReLU lost", "dense forward", "relu: output[", SpoiledLayers.lost(Activation.RELU)),
                spoiled("tanh lost", "dense forward", "tanh: output[", SpoiledLayers.lost(Activation.TANH)),
                spoiled("input's gradient too large", "dense backward", "input's gradient[",
                        SpoiledLayers.denseInputGradient((values, offset) -> SpoiledLayers.scale(values, 0))),
                spoiled("gradients too large", "dense backward", "kernel's gradient[",
                        SpoiledLayers.denseGradients(SpoiledLayers::scale)),
                spoiled("gradient NaN", "dense backward", " gradient[0] is NaN",
                        SpoiledLayers.denseGradients((values, offset) -> values[offset] = Double.NaN)),
                spoiled("writes before its own", "dense backward", "elements before the layer's[",
                        SpoiledLayers.denseGradients((values, offset) -> values[offset - 1] += 1)),
                spoiled("output too large", "embedding", "output[",
                        SpoiledStack.embedding(values -> SpoiledLayers.scale(values, 0), values -> {})),
                spoiled("gradients too large", "embedding", "table's gradient[",
                        SpoiledStack.embedding(values -> {}, values -> SpoiledLayers.scale(values, 32))),
                spoiled("writes before its own", "embedding", "elements before the table[",
                        SpoiledStack.embedding(values -> {}, values -> values[31]++)),
                spoiled("not copied", "tied kernel", "copied kernel[", SpoiledStack.untied(false, true)),
                spoiled("not gathered", "tied kernel", "table's gradient[", SpoiledStack.untied(true, false)),
                spoiled("another seed", "dropout", "which are dropped[", SpoiledStack.dropout(
                        right -> new Dropout(right.rate(), right.seed() + (1L << 32), right.layer(), right.rows()))),
                spoiled("another layer's", "dropout", "which are dropped[", SpoiledStack.dropout(
                        right -> new Dropout(right.rate(), right.seed(), right.layer() + 1, right.rows()))),
                spoiled("a part's mask that of a whole", "dropout", "which are dropped[", SpoiledStack.dropout(
                        right -> new Dropout(right.rate(), right.seed(), right.layer()))),
                spoiled("one mask for all batches", "dropout", "which are dropped[", SpoiledStack::oneMask),
                spoiled("not in place", "dropout", "what is kept in place[", SpoiledStack::dropoutNotInPlace),
                spoiled("momentum", "batch normalisation", "moving values[", SpoiledStack.batchNorm(
                        shape -> norm(shape, 0.9 * shape.momentum() + 0.05, shape.epsilon()), values -> {})),
                spoiled("epsilon", "batch normalisation", "output in use[", SpoiledStack.batchNorm(
                        shape -> norm(shape, shape.momentum(), 3 * shape.epsilon()), values -> {})),
                spoiled("gradients too large", "batch normalisation", "gradient[", SpoiledStack.batchNorm(
                        shape -> shape, values -> SpoiledLayers.scale(values, 32))),
                spoiled("writes before its own", "batch normalisation", "elements before the layer's[",
                        SpoiledStack.batchNorm(shape -> shape, values -> values[31]++)),
                spoiled("loss too large", "softmax and cross-entropy", "loss[0]",
                        SpoiledOperations.totals(300, totals -> totals[0] *= 1.001)),
                spoiled("loss NaN", "softmax and cross-entropy", "loss[0] is NaN",
                        SpoiledOperations.totals(300, totals -> totals[0] = Double.NaN)),
                spoiled("a hit too many", "softmax and cross-entropy", "hits[0]",
                        SpoiledOperations.totals(300, totals -> totals[1]++)),
                spoiled("loss without padding too large", "softmax and cross-entropy", "loss without padding[0]",
                        SpoiledOperations.totals(300, totals -> totals[3] *= 1.001)),
                spoiled("no row is padding", "softmax and cross-entropy", "no padding[0]",
                        SpoiledOperations.targets(target -> target < -1 ? Padding.id(target) : target)),
                spoiled("padding does not count", "softmax and cross-entropy", "hits[0]",
                        SpoiledOperations.targets(target -> Math.max(-1, target))),
                spoiled("a real row too many", "softmax and cross-entropy", "no padding[0]",
                        SpoiledOperations.totals(300, totals -> totals[4]++)),
                spoiled("any of equals is a hit", "softmax and cross-entropy", "hits[0]",
                        SpoiledOperations::anyOfEqualsHits),
                spoiled("every row counts", "softmax and cross-entropy", "hits[0]",
                        SpoiledOperations.targets(target -> target == -1 ? 0 : target)),
                spoiled("gradient too large", "softmax and cross-entropy", "gradient[",
                        SpoiledOperations::lossGradientTooLarge),
                spoiled("not in place", "softmax and cross-entropy", "gradient in the logits' place[",
                        SpoiledOperations::gradientNotInPlace),
                spoiled("NaN hidden", "softmax and cross-entropy", "the loss of a NaN is 0.0",
                        SpoiledOperations.totals(5, totals -> totals[0] = Double.isNaN(totals[0]) ? 0 : totals[0])),
                spoiled("loss too large", "head as one", "loss[0]",
                        SpoiledHead.of((totals, dx, gradients) -> totals[0] *= 1.001)),
                spoiled("a hit too many", "head as one", "hits[0]",
                        SpoiledHead.of((totals, dx, gradients) -> totals[1]++)),
                spoiled("every row counts", "head as one", "counted[0]",
                        SpoiledHead.of((totals, dx, gradients) -> totals[2]++)),
                spoiled("loss without padding too large", "head as one", "loss without padding[0]",
                        SpoiledHead.of((totals, dx, gradients) -> totals[3] *= 1.001)),
                spoiled("a real row too many", "head as one", "no padding[0]",
                        SpoiledHead.of((totals, dx, gradients) -> totals[4]++)),
                spoiled("input's gradient too large", "head as one", "input's gradient[",
                        SpoiledHead.of((totals, dx, gradients) -> SpoiledLayers.scale(dx, 0))),
                spoiled("gradient NaN", "head as one", " gradient[0] is NaN",
                        SpoiledHead.of((totals, dx, gradients) -> gradients[32] = Double.NaN)),
                spoiled("last weight lost", "head as one", "second kernel's gradient[",
                        SpoiledHead.of((totals, dx, gradients) -> gradients[gradients.length - 1] = 9)),
                spoiled("writes before its own", "head as one", "elements before the head's[",
                        SpoiledHead.of((totals, dx, gradients) -> gradients[31]++)),
                spoiled("clipped at another limit", "norm and clip", "gradients[",
                        SpoiledOperations.clip(1.001, 1, norms -> {})),
                spoiled("a norm that is not finite unseen", "norm and clip", "norms[3]",
                        SpoiledOperations.clip(1, 1, norms -> norms[3] = 0)),
                spoiled("the last norm for the largest", "norm and clip", "norms[1]",
                        SpoiledOperations.clip(1, 1, norms -> norms[1] = Math.max(norms[0], 1e-9))),
                spoiled("bounded elsewhere", "norm and clip", "gradients[",
                        SpoiledOperations.clip(1, 1.001, norms -> {})),
                spoiled("decay", "RMSprop", "weights[", SpoiledOperations.rmsProp(1.001, 1, 1)),
                spoiled("epsilon", "RMSprop", "weights[", SpoiledOperations.rmsProp(1, 10, 1)),
                spoiled("weight decay", "RMSprop", "weights[", SpoiledOperations.rmsProp(1, 1, 1.01)),
                spoiled("means NaN", "RMSprop", " is NaN", SpoiledOperations.statesNaN(RmsProp.class)),
                spoiled("one rate for all", "SGD", "weights[", SpoiledOperations.firstFactors(Sgd.class)),
                spoiled("momentum", "SGD", "weights[", SpoiledOperations.sgd(1.001, true, 1)),
                spoiled("no Nesterov", "SGD", "weights[", SpoiledOperations.sgd(1, false, 1)),
                spoiled("weight decay", "SGD", "weights[", SpoiledOperations.sgd(1, true, 1.01)),
                spoiled("velocities NaN", "SGD", " is NaN", SpoiledOperations.statesNaN(Sgd.class)),
                spoiled("bias uncorrected", "Adam", "weights[", SpoiledOperations.firstFactors(Adam.class)),
                spoiled("beta1", "Adam", "weights[", SpoiledOperations.adam(1.001, 1, 1, 1)),
                spoiled("beta2", "Adam", "weights[", SpoiledOperations.adam(1, 0.9999, 1, 1)),
                spoiled("epsilon", "Adam", "weights[", SpoiledOperations.adam(1, 1, 10, 1)),
                spoiled("weight decay", "Adam", "weights[", SpoiledOperations.adam(1, 1, 1, 1.01)),
                spoiled("means NaN", "Adam", " is NaN", SpoiledOperations.statesNaN(Adam.class)),
                spoiled("added to what was there", "sum of gradients", "sum[",
                        SpoiledOperations::addsToWhatWasThere),
                spoiled("the next symbol", "draw", "drawn[",
                        SpoiledOperations.drawn(0, symbol -> symbol > 0 ? symbol - 1 : symbol)),
                spoiled("draws from NaN", "draw", "drawn[64] is 0, not -1",
                        SpoiledOperations.drawn(0, symbol -> Math.max(0, symbol))),
                spoiled("temperature ignored", "draw", "drawn[", SpoiledOperations.drawnFrom(
                        draw -> new Draw(draw.temperature() == 0 ? 0 : 1, draw.topK(), draw.topP()))),
                spoiled("top k ignored", "draw", "drawn[", SpoiledOperations.drawnFrom(
                        draw -> new Draw(draw.temperature(), Draw.ALL, draw.topP()))),
                spoiled("one more stays", "draw", "drawn[", SpoiledOperations.drawnFrom(
                        draw -> new Draw(draw.temperature(), draw.topK() == Draw.ALL ? Draw.ALL : draw.topK() + 1,
                                draw.topP()))),
                spoiled("top p ignored", "draw", "drawn[", SpoiledOperations.drawnFrom(
                        draw -> new Draw(draw.temperature(), draw.topK(), 1))),
                spoiled("equals left out", "draw", "drawn from equals", SpoiledOperations::equalsRaised));
    }

    private static BatchNorm.Shape norm(BatchNorm.Shape shape, double momentum, double epsilon) {
        return new BatchNorm.Shape(shape.columns(), shape.rows(), momentum, epsilon, shape.training());
    }

    /** A wrong forward pass of a layer may fail the check of its backward pass too. */
    private static boolean mayFollow(String check, String failed) {
        return failed.endsWith(" forward") && check.equals(failed.replace(" forward", " backward"));
    }

    private static Check named(String name) {
        return SelfTest.checks(Tolerances.FLOAT32).stream().filter(check -> check.name().equals(name)).findFirst()
                .orElseThrow();
    }

    /** The forward pass that it begins with: tests of engines go backward alone. */
    @Test
    void aBackwardPassIsHeldToItsForwardPass() {
        Map<String, UnaryOperator<Operations>> faults = Map.of("output[",
                SpoiledLayers.output((values, offset) -> SpoiledLayers.scale(values, 0)), "cell[",
                right -> SpoiledLayers.cellLost(right, 1000));
        faults.forEach((message, fault) -> {
            try (Device device = new SpoiledDevice(fault)) {
                requireFailure(run(named("LSTM backward"), device), ": " + message);
            }
        });
    }

    @ParameterizedTest(name = "{1}: {0}")
    @MethodSource("operations")
    @Sampled(every = 4)
    void aSpoiledOperationFailsItsOwnCheck(String what, String check, String message,
            UnaryOperator<Operations> spoil) {
        try (Device device = new SpoiledDevice(spoil)) {
            for (Check each : SelfTest.checks(Tolerances.FLOAT32)) {
                if (each.name().equals(check)) {
                    requireFailure(run(each, device), message);
                } else if (SpoiledCheck.OPERATIONS.contains(each.name()) && !mayFollow(each.name(), check)) {
                    requirePassed(each, device);
                }
            }
        }
    }
}
