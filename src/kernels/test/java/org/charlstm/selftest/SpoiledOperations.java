package org.charlstm.selftest;

import module java.base;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;

/** Operations other than the layers, each wrong in one thing. */
@SuppressWarnings({"EffectivelyPrivate", "UnusedMethod", "UnusedVariable"}) // Passing calls the methods.
final class SpoiledOperations {
    private SpoiledOperations() {
    }

    static Operations inputsAndTargetsSwapped(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void gather(CorpusBuffer corpus, Ints order, Ints cursor, Ints inputs, Ints targets, int batch,
                    Padding padding) {
                right.gather(corpus, order, cursor, targets, inputs, batch, padding);
            }
        });
    }

    /** Padding as it is not asked for. */
    static Operations paddingMistaken(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void gather(CorpusBuffer corpus, Ints order, Ints cursor, Ints inputs, Ints targets, int batch,
                    Padding padding) {
                right.gather(corpus, order, cursor, inputs, targets, batch,
                        padding == Padding.COUNTED ? Padding.LEFT_OUT : Padding.COUNTED);
            }
        });
    }

    /** Padding counts as if it were none. */
    static Operations paddingUnmarked(Operations right) {
        return afterGather(right, (inputs, targets) -> targets.write(Arrays.stream(targets.read())
                .map(target -> target < 0 ? Padding.id(target) : target).toArray()));
    }

    static Operations targetsOfTheFirstSteps(Operations right) {
        return afterGather(right, (inputs, targets) -> {
            if (targets.length() < inputs.length()) {
                targets.write(Arrays.stream(inputs.read()).limit(targets.length()).map(id -> id + 1).toArray());
            }
        });
    }

    private static Operations afterGather(Operations right, BiConsumer<Ints, Ints> after) {
        return Passing.on(Operations.class, right, new Object() {
            public void gather(CorpusBuffer corpus, Ints order, Ints cursor, Ints inputs, Ints targets, int batch,
                    Padding padding) {
                right.gather(corpus, order, cursor, inputs, targets, batch, padding);
                after.accept(inputs, targets);
            }
        });
    }

    static Operations firstRows(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void lastRows(Matrix from, Matrix to) {
                right.lastRows(from, to);
                if (from.rows() > to.rows()) {
                    to.write(Arrays.copyOf(from.read(), to.rows() * to.columns()));
                }
            }
        });
    }

    static Operations rowsBeforeAsTheyWere(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void lastRows(Matrix from, Matrix to) {
                double[] before = to.read();
                right.lastRows(from, to);
                double[] after = to.read();
                System.arraycopy(before, 0, after, 0, Math.max(0, to.rows() - from.rows()) * to.columns());
                to.write(after);
            }
        });
    }

    /** Changes the product. */
    static UnaryOperator<Operations> product(Consumer<double[]> spoil) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void matmul(Matrix a, boolean transposedA, Matrix b, boolean transposedB, Matrix c) {
                right.matmul(a, transposedA, b, transposedB, c);
                double[] values = c.read();
                spoil.accept(values);
                c.write(values);
            }
        });
    }

    /** Multiplies a square factor as it is, though its transpose is asked for. */
    static Operations transposeLost(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void matmul(Matrix a, boolean transposedA, Matrix b, boolean transposedB, Matrix c) {
                right.matmul(a, transposedA, b, transposedB && b.rows() != b.columns(), c);
            }
        });
    }

    static Operations picksTheOneBefore(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void pick(Doubles values, Ints position, Doubles picked) {
                int[] at = position.read();
                position.write(new int[] {Math.max(0, at[0] - 1)});
                right.pick(values, position, picked);
                position.write(at);
            }
        });
    }

    static Operations addsOneTooMany(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void add(Ints values, int amount) {
                right.add(values, amount + 1);
            }
        });
    }

    /** Changes the totals where there are {@code rows} rows. */
    static UnaryOperator<Operations> totals(int rows, Consumer<double[]> spoil) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void crossEntropy(Matrix logits, Ints targets, Doubles count, Matrix gradient, Doubles totals) {
                right.crossEntropy(logits, targets, count, gradient, totals);
                double[] sums = totals.read();
                if (logits.rows() == rows) {
                    spoil.accept(sums);
                    totals.write(sums);
                }
            }
        });
    }

    /** A target counts as predicted where no symbol has a higher logit, though one before it has the same. */
    static Operations anyOfEqualsHits(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void crossEntropy(Matrix logits, Ints targets, Doubles count, Matrix gradient, Doubles totals) {
                double[] values = logits.read();
                int[] ids = targets.read();
                double[] before = totals.read();
                right.crossEntropy(logits, targets, count, gradient, totals);
                int symbols = logits.columns();
                long hits = IntStream.range(0, ids.length).filter(row -> Padding.id(ids[row]) >= 0
                        && values[row * symbols + Padding.id(ids[row])] == Arrays.stream(values, row * symbols,
                                (row + 1) * symbols).max().orElseThrow())
                        .count();
                double[] sums = totals.read();
                sums[1] = before[1] + hits;
                totals.write(sums);
            }
        });
    }

    /** Other targets than were given. */
    static UnaryOperator<Operations> targets(IntUnaryOperator change) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void crossEntropy(Matrix logits, Ints targets, Doubles count, Matrix gradient, Doubles totals) {
                int[] ids = targets.read();
                targets.write(Arrays.stream(ids).map(change).toArray());
                right.crossEntropy(logits, targets, count, gradient, totals);
                targets.write(ids);
            }
        });
    }

    static Operations lossGradientTooLarge(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void crossEntropy(Matrix logits, Ints targets, Doubles count, Matrix gradient, Doubles totals) {
                right.crossEntropy(logits, targets, count, gradient, totals);
                if (gradient != null) {
                    double[] values = gradient.read();
                    SpoiledLayers.scale(values, 0);
                    gradient.write(values);
                }
            }
        });
    }

    static Operations gradientNotInPlace(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void crossEntropy(Matrix logits, Ints targets, Doubles count, Matrix gradient, Doubles totals) {
                right.crossEntropy(logits, targets, count, logits.equals(gradient) ? null : gradient, totals);
            }
        });
    }

    /** Another limit, another bound, and other figures. */
    static UnaryOperator<Operations> clip(double limits, double bounds, Consumer<double[]> spoil) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void clip(Matrix gradients, double limit, double bound, Doubles norms) {
                right.clip(gradients, limits * limit, bounds * bound, norms);
                double[] values = norms.read();
                spoil.accept(values);
                norms.write(values);
            }
        });
    }

    /** Another rule than the one that was asked for. */
    static UnaryOperator<Operations> rule(UnaryOperator<UpdateRule> change) {
        return operations -> Passing.on(Operations.class, operations, new Object() {
            public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
                    Ints step) {
                operations.update(change.apply(rule), weights, gradients, states, factors, step);
            }
        });
    }

    static UnaryOperator<Operations> rmsProp(double decays, double epsilons, double weightDecays) {
        return rule(rule -> rule instanceof RmsProp right ? new RmsProp(decays * right.decay(),
                epsilons * right.epsilon(), weightDecays * right.weightDecay()) : rule);
    }

    static UnaryOperator<Operations> sgd(double momenta, boolean nesterov, double weightDecays) {
        return rule(rule -> rule instanceof Sgd right ? new Sgd(momenta * right.momentum(),
                nesterov && right.nesterov(), weightDecays * right.weightDecay()) : rule);
    }

    static UnaryOperator<Operations> adam(double beta1s, double beta2s, double epsilons, double weightDecays) {
        return rule(rule -> rule instanceof Adam right ? new Adam(beta1s * right.beta1(), beta2s * right.beta2(),
                epsilons * right.epsilon(), weightDecays * right.weightDecay(), right.decoupled()) : rule);
    }

    /** The same factors in every update, those of the first. */
    static UnaryOperator<Operations> firstFactors(Class<? extends UpdateRule> rules) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
                    Ints step) {
                int[] at = step.read();
                step.write(rules.isInstance(rule) ? new int[1] : at);
                right.update(rule, weights, gradients, states, factors, step);
                step.write(at);
            }
        });
    }

    static Operations addsToWhatWasThere(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void accumulate(Matrix sum, boolean first, Matrix gradients, double weight) {
                right.accumulate(sum, false, gradients, weight);
            }
        });
    }

    static UnaryOperator<Operations> statesNaN(Class<? extends UpdateRule> rules) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
                    Ints step) {
                right.update(rule, weights, gradients, states, factors, step);
                for (Matrix state : rules.isInstance(rule) ? states : List.<Matrix>of()) {
                    double[] values = state.read();
                    values[values.length - 1] = Double.NaN;
                    state.write(values);
                }
            }
        });
    }

    /** From the sixth update of the same weights on, twice over. */
    static Operations updatesTwiceInTheEnd(Operations right) {
        IdentityHashMap<Matrix, Integer> updates = new IdentityHashMap<>();
        return Passing.on(Operations.class, right, new Object() {
            public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
                    Ints step) {
                right.update(rule, weights, gradients, states, factors, step);
                if (updates.merge(weights, 1, Integer::sum) > 5) {
                    right.update(rule, weights, gradients, states, factors, step);
                }
            }
        });
    }

    /** A last bit that depends on earlier updates. */
    static Operations unrepeatable(Operations right) {
        int[] updates = new int[1];
        return Passing.on(Operations.class, right, new Object() {
            public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
                    Ints step) {
                right.update(rule, weights, gradients, states, factors, step);
                double[] values = weights.read();
                values[0] = updates[0]++ % 7 == 0 ? Math.nextUp((float) values[0]) : values[0];
                weights.write(values);
            }
        });
    }

    /** Changes the drawn symbols where there are {@code rows} rows; 0 for any number. */
    static UnaryOperator<Operations> drawn(int rows, IntUnaryOperator change) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn) {
                right.draw(logits, draw, seed, sentences, position, drawn);
                if (rows == 0 || rows == logits.rows()) {
                    drawn.write(Arrays.stream(drawn.read()).map(change).toArray());
                }
            }
        });
    }

    /** Draws from another part of the distribution. */
    static UnaryOperator<Operations> drawnFrom(UnaryOperator<Draw> change) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn) {
                right.draw(logits, change.apply(draw), seed, sentences, position, drawn);
            }
        });
    }

    /** Of equal logits the highest id goes before the others. */
    static Operations equalsRaised(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn) {
                double[] raised = logits.read();
                for (int i = 0; i < raised.length; i++) {
                    raised[i] += 1e-6 * (i % logits.columns());
                }
                logits.write(raised);
                right.draw(logits, draw, seed, sentences, position, drawn);
            }
        });
    }
}
