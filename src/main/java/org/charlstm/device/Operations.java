package org.charlstm.device;

import java.util.List;
import java.util.Optional;
import org.charlstm.device.Embedding.TiedKernel;
import org.jspecify.annotations.Nullable;

/**
 * What a device computes: few and coarse operations. None takes a host value that varies from step to step, returns a
 * value, or allocates (but for those that make something), so that a step of them can be recorded and replayed.
 *
 * <p>Arguments are buffers of this device, of the shapes given; M = T B rows are time-major. Unless it is said
 * otherwise, no two arguments are the same buffer. A shape that does not fit is an {@link IllegalArgumentException}.
 */
public interface Operations {
    /** How many sums {@link #crossEntropy} and {@link Head} add to. */
    int TOTALS = 5;

    /** How the kernel, recurrent kernel and bias of each LSTM layer lie in a flat buffer. */
    WeightLayout lstmLayout(Lstm.Layers layers);

    /**
     * One or more LSTM layers for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its weights begin in the flat buffers, laid out as {@link #lstmLayout} says
     */
    Lstm lstm(Memory memory, Lstm.Shape shape, int offset);

    /**
     * The same where it is known what {@link #head} will be asked for above, which computes the same.
     *
     * @param memory where its workspace lives
     * @param offset where its weights begin in the flat buffers
     * @param above  the head that takes its output, all rows in one part, for a device that measures both together;
     *               null for none
     */
    default Lstm lstm(Memory memory, Lstm.Shape shape, int offset, Head.@Nullable Shape above) {
        return lstm(memory, shape, offset);
    }

    /**
     * How a dense layer's kernel and bias lie in a flat buffer.
     *
     * @param inputs  columns in
     * @param outputs columns out
     */
    WeightLayout denseLayout(int inputs, int outputs);

    /**
     * A dense layer for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its weights begin in the flat buffers, laid out as {@link #denseLayout} says
     */
    Dense dense(Memory memory, Dense.Shape shape, int offset);

    /**
     * Two dense layers, the second of them linear, with cross-entropy and all gradients as one, where a device has that
     * for a shape. Where it has not, the layers and {@link #crossEntropy} one by one are the same but for rounding.
     *
     * @param memory where its workspace lives
     * @param offset where the first layer's weights begin in the flat buffers; the second's follow them, both laid out
     *               as {@link #denseLayout} says
     * @return the head, or none
     */
    default Optional<Head> head(Memory memory, Head.Shape shape, int offset) {
        return Optional.empty();
    }

    /** How an embedding's table lies in a flat buffer. */
    WeightLayout embeddingLayout(int symbols, int units);

    /**
     * An embedding for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its table begins in the flat buffers, laid out as {@link #embeddingLayout} says
     */
    Embedding embedding(Memory memory, Embedding.Shape shape, int offset);

    /** How gamma and beta of a batch normalisation lie in a flat buffer. */
    WeightLayout batchNormLayout(int columns);

    /**
     * A batch normalisation for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where gamma and beta begin in the flat buffers, laid out as {@link #batchNormLayout} says
     * @param moving where the moving means and variances, 2 C elements as they are, begin in that of the weights
     */
    BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving);

    /**
     * Drops elements: output = scale input where an element is kept, else 0, also where the input is not finite. For
     * the way back, the gradient takes the input's place.
     *
     * @param batch   one element: the batch's number
     * @param input   (M, C)
     * @param output  (M, C); may be the input
     */
    void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output);

    /**
     * Makes a tied kernel the transpose of its table.
     *
     * @param tied    where they are
     */
    void copyTied(TiedKernel tied, Matrix weights);

    /**
     * Adds the gradient of a tied kernel to that of its table, and leaves zeros in its place.
     *
     * @param tied      where they are
     */
    void gatherTied(TiedKernel tied, Matrix gradients);

    /**
     * Takes a batch from the resident corpus. Row b of the batch is the first T steps of the corpus' row
     * order[cursor + b]: inputs[t B + b] is its id t and targets[t B + b] its id t + 1, but for padding, which is each
     * step whose input is the end symbol: there it is what {@link Padding#target} makes of that id. So the end symbol
     * that follows the last character counts as a character does. Running text has no padding. Where there is room for
     * fewer targets than inputs, it is for those of the last steps.
     *
     * @param corpus  N rows of S + 1 ids
     * @param order   N row numbers
     * @param cursor  one element: where in the order the batch begins
     * @param inputs  receives T x B ids, time-major; its length says T, from 1 to S
     * @param targets receives the targets of as many steps, or of the last of them, as {@link #crossEntropy} takes them
     */
    void gather(CorpusBuffer corpus, Ints order, Ints cursor, Ints inputs, Ints targets, int batch, Padding padding);

    /**
     * Takes the features of a batch's captions: features[b, j] is feature j of row order[cursor + b] of the corpus.
     *
     * @param corpus   N rows with F features each
     * @param order    N row numbers
     * @param cursor   one element: where in the order the batch begins; {@link #gather} has not moved it on
     * @param features receives them, (B, F)
     */
    void gatherFeatures(CorpusBuffer corpus, Ints order, Ints cursor, Matrix features);

    /**
     * Makes columns the state of layers, in which a layer's h and then its c follow those of the layer below:
     * hidden[l B + b, u] = columns[b, first + 2 l H + u] and cell[l B + b, u] = columns[b, first + (2 l + 1) H + u].
     *
     * @param columns (B, at least first + 2 L H)
     * @param first   where the lowest layer's h begins, from 0
     * @param state   receives (L B, H) twice
     */
    void toState(Matrix columns, int first, Lstm.State state);

    /**
     * The other way: makes a state columns.
     *
     * @param state   (L B, H) twice
     * @param columns receives 2 L H of its columns; the others stay
     * @param first   where the lowest layer's h begins, from 0
     */
    void fromState(Lstm.State state, Matrix columns, int first);

    /**
     * Copies the last rows of a matrix: the last row to the last one, the row before to the row before, and so on. Rows
     * for which there are none become zeros.
     *
     * @param from (M, C)
     * @param to   receives (N, C)
     */
    void lastRows(Matrix from, Matrix to);

    /** Adds a constant to every element. */
    void add(Ints values, int amount);

    /**
     * Takes one of many values: picked[0] = values[position[0]].
     *
     * @param position one element, from 0
     */
    void pick(Doubles values, Ints position, Doubles picked);

    /**
     * Keeps values at a position: history[position n + i] = values[i], where n is the number of values.
     *
     * @param position one element, from 0
     * @param history  L n elements, L above the position
     */
    void append(Ints values, Ints position, Ints history);

    /**
     * Softmax, cross-entropy and its gradient in one pass, stable for any finite logits. A target is an id, from 0 on;
     * or -2 - id, which marks a row that is padding and whose target is id; or -1, and then the row does not count. Of
     * all that count, padding too, with p = softmax(logits): totals[0] += the sum of -ln p[id], totals[1] += the rows
     * whose id is the prediction, the most probable symbol, the lowest id of equals, totals[2] += the rows, and
     * gradient = (p - onehot(id)) / count[0]; the gradient of a row that does not count is zero. Of those that count
     * and are no padding: totals[3] += the sum of -ln p[id], totals[4] += the rows.
     *
     * @param logits   (M, V)
     * @param targets  M, as {@link Padding} has them
     * @param count    one element: what the sum of losses is divided by to be the loss, M where every row counts; not
     *                 read without a gradient, and may then be null
     * @param gradient receives dL/dlogits, (M, V); may be the logits; null if it is not wanted
     * @param totals   {@value #TOTALS} elements, added to
     */
    void crossEntropy(Matrix logits, Ints targets, @Nullable Doubles count, @Nullable Matrix gradient,
            Doubles totals);

    /**
     * Measures gradients by their norm, sqrt(sum g^2), and scales those down whose norm is above a limit:
     * g *= limit / norm, as in Pascanu et al., "On the difficulty of training recurrent neural networks" (2013). After
     * that each gradient beyond a bound is brought to it: g = min(bound, max(-bound, g)). NaN stays, and without limit
     * and bound so do infinities.
     *
     * @param limit     above 0; infinity scales nothing
     * @param bound     above 0; infinity bounds nothing
     * @param norms     four elements: receives the norm; the largest so far that was finite; how many there were; and
     *                  which of them, from 1, was the first that was not finite, 0 if all were
     */
    void clip(Matrix gradients, double limit, double bound, Doubles norms);

    /**
     * Changes weights by their gradients.
     *
     * @param rule      how; its class gives the formula
     * @param weights   the flat parameters; those beyond the gradients' number are not trained and stay
     * @param states    the flat states that the rule names, zeros before the first update
     * @param factors   {@link UpdateRule#factors} of a number of updates, one update's after the other's
     * @param step      one element, from 0: which of those is this update; beyond them, the last's factors serve
     */
    void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors, Ints step);

    /**
     * Adds up the gradients of a batch's parts: sum = sum + weight gradients.
     *
     * @param first     whether this is the first part, which overwrites the sum
     * @param gradients the flat gradients of a part
     * @param weight    by what they are multiplied
     */
    void accumulate(Matrix sum, boolean first, Matrix gradients, double weight);

    /**
     * Draws one symbol for each row from softmax(logits / temperature), or from the part of it that is to stay, by
     * walking the cumulative distribution in id order up to the uniform number of {@link org.charlstm.random.Philox} at
     * (seed, {@link org.charlstm.random.Purpose#SAMPLE}, sentences[row], position[0]). At temperature 0, the most
     * probable symbol, the lowest id of equals. A row with a logit that is NaN draws -1.
     *
     * @param logits    (B, V)
     * @param draw      the temperature, and what stays
     * @param position  one element: the position in the sentence
     */
    void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn);

    /**
     * Drawing and feeding many symbols at once, where the device has that for such layers.
     *
     * @param memory  where its workspace lives
     * @param layers  the layers, the lowest, which takes ids, first
     * @param logits  what the highest layer gives, (B, V): read and written
     * @return empty where the operations are to be called one by one
     */
    default Optional<Sampling> sampling(Memory memory, List<Sampling.Layer> layers, Matrix weights, Matrix logits) {
        return Optional.empty();
    }
}
