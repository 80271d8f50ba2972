package dev.gradwatch.app.service.config;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import org.slf4j.LoggerFactory;

/**
 * Lets the keys {@code log.*} of file and command line reach the logging, which was set up from the environment before any configuration
 * was read.
 */
public final class LogSetup {

    private LogSetup() {}

    /** Sets logging up again, with the configuration's format and levels. Call it once, early. */
    public static void apply(GradwatchConfig config) {
        URL setup = LogSetup.class.getResource("/logback.xml");
        if (setup == null || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        Settings.Log log = config.settings().log();
        context.reset();
        context.putProperty("GRADWATCH_LOG_FORMAT", log.format());
        context.putProperty("GRADWATCH_LOG_LEVEL", log.level());
        context.putProperty("GRADWATCH_LOG_LIBRARY_LEVEL", log.libraryLevel());
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        try {
            configurator.doConfigure(setup);
        } catch (JoranException e) {
            throw new IllegalStateException("logback.xml cannot be read: " + e.getMessage(), e);
        }
    }
}
