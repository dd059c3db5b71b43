package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Padding;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.RunningText;
import org.charlstm.text.Vocabulary;

/** Taking batches from the corpus, and the cursor that goes on. */
final class GatherCheck {
    /** The first of more than enough characters in a row that are letters. */
    private static final int FIRST_CHARACTER = 0x4E00;

    /** Characters of the longest caption. */
    private static final int LONGEST = 6;

    private static final Check APPEND = new Check("append", 0,
            Stream.of(1, 3, 37, 129).map(size -> new Check.Case(size + " values", (scope, oracle, comparison) -> {
                int[] wanted = randomIds(3, 4 * size, 1000);
                Ints history = scope.ints(wanted.clone());
                Ints position = scope.ints(1);
                for (int at = 1; at < 3; at++) {
                    int[] values = randomIds(3 + at, size, 1000);
                    scope.operations().append(scope.ints(values), position, history);
                    scope.operations().add(position, 1);
                    System.arraycopy(values, 0, wanted, at * size, size);
                }
                comparison.same("history", wanted, history.read());
            })).toList());

    private static final Check PICK = new Check("pick", 0,
            Stream.of(1, 3, 37, 129).map(size -> new Check.Case(size + " values", (scope, oracle, comparison) -> {
                double[] values = random(7, size, 1e9);
                Doubles all = scope.memory().doubles(size);
                all.write(values);
                Doubles picked = scope.memory().doubles(1);
                for (int at : new int[] {0, size / 2, size - 1}) {
                    scope.operations().pick(all, scope.ints(at), picked);
                    comparison.same("picked", new double[] {values[at]}, picked.read());
                }
            })).toList());

    private record Shape(int rows, int steps, int batch) {
    }

    private GatherCheck() {
    }

    static List<Check> of() {
        Stream<Check.Case> windows = Stream.of(new Shape(2, 1, 1), new Shape(6, 3, 1), new Shape(37, 9, 5),
                new Shape(129, 3, 37), new Shape(64, 16, 32)).map(
                        shape -> new Check.Case(
                                shape.rows + " rows, T " + shape.steps + ", B " + shape.batch,
                                (scope, oracle, comparison) -> run(scope, shape, comparison)));
        Stream<Check.Case> captions = Stream.of(Padding.values()).flatMap(padding -> Stream.of(1, 3, LONGEST + 1)
                .map(steps -> new Check.Case("padding " + padding.name().toLowerCase(Locale.ROOT).replace('_', ' ')
                        + ", T " + steps, (scope, oracle, comparison) -> pad(scope, padding, steps, comparison))));
        return List.of(APPEND, PICK, new Check("gather and add", 0, Stream.concat(windows, captions).toList()));
    }

    /** Held to the definition alone: host devices and the oracle share their code for this. */
    private static void run(TrialMemory scope, Shape shape, Comparison comparison) {
        int T = shape.steps;
        int B = shape.batch;
        int size = shape.rows * (T + 1);
        // No two characters alike, so that the ids are 0, 1, 2 and so on, row by row.
        Captions windows = RunningText.of("the text", IntStream.range(0, size).map(i -> FIRST_CHARACTER + i)
                .mapToObj(Character::toString).collect(Collectors.joining())).windows(T + 1, T + 1, shape.rows);
        CorpusBuffer corpus = scope.memory().corpus(Corpus.encode(windows, Vocabulary.ofRunning(windows)));
        int[] order = randomIds(2, shape.rows, shape.rows);
        Ints cursor = scope.ints(0);
        Ints inputs = scope.ints(new int[T * B]);
        Ints targets = scope.ints(new int[T * B]);
        scope.operations().add(cursor, B);
        scope.operations().gather(corpus, scope.ints(order), cursor, inputs, targets, B, Padding.LEFT_OUT);
        int[] wanted = new int[T * B];
        for (int i = 0; i < T * B; i++) {
            wanted[i] = order[B + i % B] * (T + 1) + i / B;
        }
        comparison.same("inputs", wanted, inputs.read());
        comparison.same("targets", IntStream.of(wanted).map(id -> id + 1).toArray(), targets.read());
        Ints last = scope.ints(new int[B]);
        scope.operations().gather(corpus, scope.ints(order), cursor, inputs, last, B, Padding.LEFT_OUT);
        comparison.same("last targets", IntStream.of(wanted).skip((T - 1L) * B).map(id -> id + 1).toArray(),
                last.read());
        Ints many = scope.ints(IntStream.range(0, size).toArray());
        scope.operations().add(many, -B);
        comparison.same("ids less B", IntStream.range(-B, size - B).toArray(), many.read());
    }

    /** Captions of 1 to so many characters, each of its own; a row is the start symbol, these, and end symbols. */
    private static void pad(TrialMemory scope, Padding padding, int steps, Comparison comparison) {
        int[] order = {2, 3, 1, 4, 0, 5};
        int batch = order.length - 1;
        Captions texts = Captions.of(IntStream.rangeClosed(1, LONGEST)
                .mapToObj(length -> Character.toString('a' + length).repeat(length)).toList());
        Vocabulary vocabulary = Vocabulary.of(texts);
        Ints inputs = scope.ints(new int[steps * batch]);
        Ints targets = scope.ints(new int[steps * batch]);
        scope.operations().gather(scope.memory().corpus(Corpus.encode(texts, vocabulary)), scope.ints(order),
                scope.ints(1), inputs, targets, batch, padding);
        int[] ids = new int[steps * batch];
        int[] next = new int[steps * batch];
        for (int i = 0; i < ids.length; i++) {
            int length = order[1 + i % batch] + 1;
            int t = i / batch;
            int character = vocabulary.id('a' + length);
            ids[i] = t == 0 ? vocabulary.start() : t <= length ? character : vocabulary.end();
            next[i] = t < length ? character : t == length ? vocabulary.end()
                    : padding == Padding.LEFT_OUT ? -1 : -2 - vocabulary.end();
        }
        comparison.same("inputs", ids, inputs.read());
        comparison.same("targets", next, targets.read());
    }
}
