package org.charlstm.cli;

import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.Stream;
import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.Devices;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.UpdateRule;
import org.charlstm.keras.Alphabet;
import org.charlstm.keras.ExportFormat;
import org.charlstm.nn.Prediction;
import org.charlstm.run.EarlyStopping;
import org.charlstm.train.PaddingMode;

/**
 * The names that options take, for shells to complete. They are made when they are asked for: every start of the tool
 * makes every option.
 */
final class Choices {
    private Choices() {
    }

    /** Of {@code help}. */
    static final class OfCommand implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Subcommands.NAMES.iterator();
        }
    }

    /** Of {@code --device}. */
    static final class OfDevice implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.concat(Stream.of(Devices.AUTO), Devices.providers().stream().map(DeviceProvider::name))
                    .iterator();
        }
    }

    /** Of {@code --precision}. */
    static final class OfPrecision implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Precision.titles().iterator();
        }
    }

    /** Of {@code --recurrent-activation}. */
    static final class OfRecurrentActivation implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return RecurrentActivation.titles().iterator();
        }
    }

    /** Of {@code --initializer} and {@code --recurrent-initializer}. */
    static final class OfInitializer implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return InitialOptions.INITIALIZERS.iterator();
        }
    }

    /** Of {@code --optimizer}. */
    static final class OfOptimizer implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return UpdateRule.Named.titles().iterator();
        }
    }

    /** Of {@code --schedule}. */
    static final class OfSchedule implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ScheduleOptions.NAMES.iterator();
        }
    }

    /** Of {@code --format} of {@code train}. */
    static final class OfTextFormat implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return FormatOptions.NAMES.iterator();
        }
    }

    /** Of {@code --predict}. */
    static final class OfPrediction implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Prediction.titles().iterator();
        }
    }

    /** Of {@code --padding}. */
    static final class OfPadding implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return PaddingMode.titles().iterator();
        }
    }

    /** Of {@code --monitor}. */
    static final class OfMonitor implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return EarlyStopping.MONITORS.iterator();
        }
    }

    /** Of {@code --order}. */
    static final class OfOrder implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Alphabet.Order.values()).map(Alphabet.Order::title).iterator();
        }
    }

    /** Of {@code --normalize}. */
    static final class OfNormalize implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return PreprocessingOptions.FORMS.iterator();
        }
    }

    /** Of {@code --unknown}. */
    static final class OfUnknown implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return UnknownOption.VALUES.iterator();
        }
    }

    /** Of {@code --format}. */
    static final class OfFormat implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(ExportFormat.values()).map(ExportFormat::title).iterator();
        }
    }
}
