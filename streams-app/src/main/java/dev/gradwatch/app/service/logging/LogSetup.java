package dev.gradwatch.app.service.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.app.service.config.Settings;
import java.net.URL;
import org.slf4j.LoggerFactory;

/**
 * Lets the keys {@code log.*} reach the logging, which was set up from the environment before any configuration was read, and tells it which
 * values are secrets.
 */
public final class LogSetup {

    private LogSetup() {}

    /** Sets logging up again, with the configuration's format, levels and secrets. Call it as soon as there is a configuration. */
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
        context.putProperty("GRADWATCH_LOG_HTTP_LEVEL", httpLevel(log.libraryLevel()));
        context.putObject(LogText.KEY, new LogText(config.secrets()));
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        try {
            configurator.doConfigure(setup);
        } catch (JoranException e) {
            throw new IllegalStateException("logback.xml cannot be read: " + e.getMessage(), e);
        }
    }

    /** The web server's own messages below info are the bytes of requests, credentials included. */
    private static String httpLevel(String libraryLevel) {
        Level level = Level.toLevel(libraryLevel);
        return level.isGreaterOrEqual(Level.INFO) ? libraryLevel : "info";
    }
}
