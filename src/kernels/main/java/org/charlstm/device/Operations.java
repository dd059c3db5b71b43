package org.charlstm.device;

import module java.base;
import org.charlstm.device.Embedding.TiedKernel;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a device, few and coarse. No operation takes a host value that varies from step to step, returns a
 * value or allocates, except those that make a layer; a step of operations can therefore be recorded and replayed.
 *
 * <p>Arguments are buffers of this device, of the shapes given; M = T B rows are time-major. Unless it is said
 * otherwise, no two arguments are the same buffer. A shape that does not fit is an {@link IllegalArgumentException}. So
 * is an id that names no symbol, on a device in host memory; a GPU does not look, and what it makes of such an id is
 * undefined.
 */
public interface Operations {
    /** How many sums {@link #crossEntropy} adds to. */
    int TOTALS = 5;

    /**
     * How the tensors of recurrent layers lie in a flat buffer: of each layer, from the lowest, the kernel, the
     * recurrent kernel and the bias of its {@link RecurrentCell}.
     */
    WeightLayout rnnLayout(Rnn.Layers layers);

    /**
     * One or more recurrent layers for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its weights begin in the flat buffers, laid out as {@link #rnnLayout} says
     * @throws org.charlstm.CharlstmException if the engine that the device's options name does not serve the shape
     */
    Rnn rnn(Memory memory, Rnn.Shape shape, int offset);

    /**
     * The product of two matrices, c = a b.
     *
     * @param a (M, K)
     * @param b (K, N); may be a
     * @param c receives the product, (M, N); neither a nor b
     * @throws IllegalArgumentException if the shapes do not fit
     * @see #matmul(Matrix, boolean, Matrix, boolean, Matrix)
     */
    default void matmul(Matrix a, Matrix b, Matrix c) {
        matmul(a, false, b, false, c);
    }

    /**
     * The product of two matrices, each as it is or transposed: c = op(a) op(b), with op(a) of (M, K) and op(b) of
     * (K, N). Sums over K are float32, on the oracle double. Factors are multiplied as the device stores them: a GPU
     * rounds them to 10 bits behind the point in TF32, and has them in bf16 with that precision; it then takes no flat
     * buffer as a factor, since those are float32.
     *
     * @param a           (M, K), or (K, M) if it is transposed
     * @param transposedA whether its transpose is multiplied
     * @param b           (K, N), or (N, K) if it is transposed; may be a
     * @param transposedB whether its transpose is multiplied
     * @param c           receives the product, (M, N); a flat buffer if M is 1. Neither a nor b
     * @throws IllegalArgumentException if the shapes do not fit, c is a factor, or a factor is of another type than the
     *                                  device multiplies
     */
    void matmul(Matrix a, boolean transposedA, Matrix b, boolean transposedB, Matrix c);

    /** How a dense layer's tensors lie in a flat buffer: the kernel (inputs, outputs), then the bias (outputs). */
    WeightLayout denseLayout(int inputs, int outputs);

    /**
     * A dense layer for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its weights begin in the flat buffers, laid out as {@link #denseLayout} says
     */
    Dense dense(Memory memory, Dense.Shape shape, int offset);

    /** How an embedding's one tensor, the table (symbols, units), lies in a flat buffer. */
    WeightLayout embeddingLayout(int symbols, int units);

    /**
     * An embedding for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its table begins in the flat buffers, laid out as {@link #embeddingLayout} says
     */
    Embedding embedding(Memory memory, Embedding.Shape shape, int offset);

    /** How the tensors of a batch normalisation lie in a flat buffer: gamma (columns), then beta (columns). */
    WeightLayout batchNormLayout(int columns);

    /**
     * A batch normalisation for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where gamma and beta begin in the flat buffers, laid out as {@link #batchNormLayout} says
     * @param moving where the 2 C moving means and variances, which no layout pads, begin in the flat weights
     */
    BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving);

    /**
     * Drops elements: output = scale input where an element is kept, else 0, even if the input is not finite. The
     * backward pass calls it with the gradient as the input.
     *
     * @param dropout the share that is dropped, and the seed of the masks
     * @param batch   one element: the batch's number
     * @param input   (M, C)
     * @param output  (M, C); may be the input
     */
    void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output);

    /** Makes a tied kernel the transpose of its table. */
    void copyTied(TiedKernel tied, Matrix weights);

    /** Adds the gradient of a tied kernel to that of its table, and leaves zeros in its place. */
    void gatherTied(TiedKernel tied, Matrix gradients);

    /**
     * Takes a batch from the resident corpus. Row b of the batch is the first T steps of the corpus' row
     * order[cursor + b]: inputs[t B + b] is its id t, and targets[t B + b] its id t + 1. A step whose input is the end
     * symbol is padding, and {@link Padding#target} of the id is its target; the end symbol that follows the last
     * character therefore counts as a character. Running text has no padding. If targets is shorter than inputs, it
     * receives the targets of the last steps.
     *
     * @param corpus  N rows of S + 1 ids
     * @param order   N row numbers
     * @param cursor  one element: where in the order the batch begins
     * @param inputs  receives T x B ids, time-major; its length says T, from 1 to S
     * @param targets receives the targets of all steps or of the last ones, as {@link #crossEntropy} takes them
     * @param batch   B, the number of rows, at least 1
     * @param padding how steps of padding count
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
     * Copies columns into a state of P parts, h and the c of cells that have one. Each layer's parts follow those of
     * the layer below: hidden[l B + b, u] = columns[b, first + P l H + u] and
     * cell[l B + b, u] = columns[b, first + (P l + 1) H + u].
     *
     * @param columns (B, at least first + P L H)
     * @param first   where the lowest layer's h begins, from 0
     * @param state   receives (L B, H) of each part
     */
    void toState(Matrix columns, int first, Rnn.State state);

    /**
     * Copies a state into columns, the reverse of {@link #toState}.
     *
     * @param state   (L B, H) of each part
     * @param columns receives P L H of its columns; the others stay
     * @param first   where the lowest layer's h begins, from 0
     */
    void fromState(Rnn.State state, Matrix columns, int first);

    /**
     * Copies the last min(M, N) rows of a matrix into the last rows of another, and fills the rows above with zeros.
     *
     * @param from (M, C)
     * @param to   receives (N, C)
     */
    void lastRows(Matrix from, Matrix to);

    /** Runs two groups of operations, which may run side by side: neither writes what the other reads or writes. */
    default void beside(Runnable work, Runnable others) {
        work.run();
        others.run();
    }

    /** Adds a constant to every element. */
    void add(Ints values, int amount);

    /**
     * Copies one of many values: picked[0] = values[position[0]].
     *
     * @param position one element, from 0
     */
    void pick(Doubles values, Ints position, Doubles picked);

    /**
     * Copies values into a history: history[position n + i] = values[i], where n is the number of values.
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
    void crossEntropy(Matrix logits, Ints targets, @Nullable Doubles count, @Nullable Matrix gradient, Doubles totals);

    /**
     * Measures the gradients' norm, sqrt(sum g^2), and scales them down if it is above a limit:
     * g *= limit / norm, as in Pascanu et al., "On the difficulty of training recurrent neural networks" (2013). After
     * that each gradient is limited by a bound: g = min(bound, max(-bound, g)). NaN stays NaN; without limit and bound,
     * infinities stay as well.
     *
     * @param gradients the flat gradients
     * @param limit     above 0; infinity scales nothing
     * @param bound     above 0; infinity bounds nothing
     * @param norms     four elements: receives the norm; the largest so far that was finite; how many there were; and
     *                  which of them, from 1, was the first that was not finite, 0 if all were
     */
    void clip(Matrix gradients, double limit, double bound, Doubles norms);

    /**
     * Changes the weights by their gradients.
     *
     * @param rule      its class gives the formula
     * @param weights   the flat parameters; those beyond the number of gradients are not trained and stay
     * @param gradients the flat gradients
     * @param states    the flat states that the rule names, zeros before the first update
     * @param factors   {@link UpdateRule#factors} of several updates, one after the other
     * @param step      one element: the index of this update among those, from 0; a larger index takes the last one
     */
    void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors, Ints step);

    /**
     * Adds the gradients of a part of a batch: sum = sum + weight gradients.
     *
     * @param sum       as long as the gradients
     * @param first     whether this is the first part, which overwrites the sum
     * @param gradients the flat gradients of a part
     * @param weight    is multiplied with each of them
     */
    void accumulate(Matrix sum, boolean first, Matrix gradients, double weight);

    /**
     * Draws one symbol for each row from the distribution of {@code draw}. It is the first symbol, in the order of ids,
     * whose cumulative probability exceeds the uniform number of {@link org.charlstm.random.Philox} at
     * (seed, {@link org.charlstm.random.Purpose#SAMPLE}, sentences[row], position[0]). At temperature 0 it is the most
     * probable symbol, the lowest id of equals. A row with a NaN draws -1.
     *
     * @param logits    (B, V)
     * @param seed      of the random numbers
     * @param sentences B numbers of sentences, each with random numbers of its own
     * @param position  one element: the position in the sentence
     * @param drawn     receives B ids
     */
    void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn);
}
