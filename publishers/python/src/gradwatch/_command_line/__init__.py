"""The console command ``gradwatch``."""
