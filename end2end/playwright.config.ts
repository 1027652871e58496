/** The browser suite. Every test starts the servers it needs by itself, so that it runs alone, too. */
import { defineConfig, devices } from '@playwright/test';
import { chromium } from './fixtures/chromium.ts';
import { CLUSTER, CLUSTER_SPECS } from './fixtures/cluster.ts';

const executablePath = chromium();

/** Chromium without the network it would use for itself; as root it cannot have its sandbox. */
export const launchOptions = {
  ...(executablePath === undefined ? {} : { executablePath }),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // Sound plays without a press only for muted elements, as on a person's machine; no device is needed.
    '--mute-audio',
  ],
};

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  forbidOnly: process.env.CI !== undefined,
  // A test that passes at the second try has found something.
  retries: 0,
  workers: 2,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 1,
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    launchOptions,
  },
  projects: CLUSTER
    ? [{ name: 'cluster', testMatch: CLUSTER_SPECS }]
    : [
        { name: 'hydrate', testMatch: '*.spec.ts', testIgnore: ['*.plain.spec.ts', '*.phone.spec.ts'] },
        { name: 'no-script', testMatch: '*.plain.spec.ts', use: { javaScriptEnabled: false } },
        {
          name: 'phone',
          testMatch: '*.phone.spec.ts',
          use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
        },
      ],
});
